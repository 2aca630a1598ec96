import { screen } from '@inquirer/testing/vitest';
import { describe, expect, it } from 'vitest';

// After the testing library, which wraps the prompts that this imports.
const { askInit } = await import('../../../src/ui/init/questions.ts');
const { initText } = await import('../../../src/operations/init.ts');
type TryConnection = import('../../../src/ui/init/hosts.ts').TryConnection;

/** Types an answer to the question that must be on the screen; no answer takes the default. */
async function answer(question: string | RegExp, text = '', keys: string[] = []): Promise<void> {
  const shown = screen.getScreen();
  if (typeof question === 'string') expect(shown).toContain(question);
  else expect(shown).toMatch(question);
  if (text !== '') screen.type(text);
  for (const key of [...keys, 'enter']) screen.keypress(key);
  await screen.next();
}

const never: TryConnection = () => Promise.reject(new Error('nobody asked for a test'));

async function answerUpToHosts(count: string): Promise<void> {
  await answer('Name of the cluster', 'orders');
  await answer('SSH user', 'ops');
  await answer('SSH key');
  await answer('How many hosts?', count);
  await answer('usual roles');
}

describe('askInit', () => {
  it('asks for everything, refuses what is wrong at once, and makes a spec that is right', async () => {
    const asked = askInit({ cluster: '', hosts: [] }, never);
    await answer('Name of the cluster', 'Not A Name');
    expect(screen.getScreen()).toContain('expected a name');
    for (let i = 0; i < 'Not A Name'.length; i++) screen.keypress('backspace');
    await answer('Name of the cluster', 'orders');
    await answer('SSH user', 'ops');
    await answer('SSH key', '~/.ssh/ops');
    await answer('How many hosts?', '2');
    await answer('usual roles');
    await answer('Test the SSH connection', 'n');
    await answer('Host 1, name');
    await answer('pg1, IP address', '10.20.0.11');
    await answer('pg1, zone');
    await answer('Host 2, name');
    await answer('pg2, IP address', '10.20.0.11');
    expect(screen.getScreen()).toContain('10.20.0.11 is taken already');
    screen.keypress('backspace');
    await answer('pg2, IP address', '2');
    await answer('pg2, zone', 'other');
    await answer('How do applications find', '', ['down']);
    await answer('endpoint primary', '10.20.0.21');
    await answer('endpoint replica', '10.20.0.22');
    await answer('endpoint pool', '10.20.0.23');
    await answer('How many of the 1 standbys');
    await answer('How fast', '', ['down']);
    await answer('First database');
    await answer('Role that owns it', 'app_owner');
    await answer('Where do backups', '', ['down']);
    await answer('Bucket');
    await answer('Endpoint', 's3.example');
    await answer('Region');
    await answer('How does the store address', '', ['down']);
    await answer('Reference to accessKey', 'geheim');
    expect(screen.getScreen()).toContain('expected env:NAME');
    for (let i = 0; i < 'geheim'.length; i++) screen.keypress('backspace');
    await answer('Reference to accessKey', 'env:KEY');
    screen.type('file:secret.txt');
    screen.keypress('enter');
    const { draft, secrets } = await asked;
    expect(draft).toEqual({
      cluster: 'orders',
      ssh: { user: 'ops', identityFile: '~/.ssh/ops' },
      hosts: [
        { name: 'pg1', address: '10.20.0.11', zone: 'a' },
        { name: 'pg2', address: '10.20.0.12', zone: 'other' },
      ],
      endpoints: { primary: { vip: '10.20.0.21' }, replica: { vip: '10.20.0.22' }, pool: { vip: '10.20.0.23' } },
      replication: { synchronous: 1 },
      failover: { profile: 'normal' },
      databases: [{ name: 'app', owner: 'app_owner' }],
      roles: [{ name: 'app_owner' }],
      backup: {
        repository: {
          type: 's3',
          bucket: 'orders-backups',
          endpoint: 's3.example',
          region: 'eu-central-1',
          uriStyle: 'path',
        },
      },
    });
    expect(secrets).toEqual({ 'repository.accessKey': 'env:KEY', 'repository.secretKey': 'file:secret.txt' });
    expect(initText('./pgscale.yaml', draft)).toContain('cluster: orders');
  });

  it('tests the connection and lets the host be named again', async () => {
    const tested: string[] = [];
    const asked = askInit({ cluster: '', hosts: [] }, (ssh, host, acceptNewKey) => {
      tested.push(`${ssh.user ?? ''}@${host.address} ${String(acceptNewKey)}`);
      return Promise.resolve(host.address === '10.20.0.13' ? undefined : 'no route');
    });
    await answerUpToHosts('1');
    await answer('Test the SSH connection');
    await answer('Host 1, name');
    await answer('pg1, IP address', '10.20.0.12');
    await answer('pg1, zone');
    await answer('What about pg1?', '', ['down']);
    await answer('What about pg1?', '', ['down', 'down']);
    await answer('Host 1, name');
    await answer('pg1, IP address', '10.20.0.13');
    await answer('pg1, zone');
    await answer('How do applications find');
    await answer('How fast');
    await answer('First database', '', ['backspace']);
    screen.keypress('enter');
    const { draft } = await asked;
    expect(tested).toEqual(['ops@10.20.0.12 false', 'ops@10.20.0.12 true', 'ops@10.20.0.13 false']);
    expect(draft).toMatchObject({ hosts: [{ address: '10.20.0.13' }], replication: { synchronous: 0 }, endpoints: {} });
  });
});
