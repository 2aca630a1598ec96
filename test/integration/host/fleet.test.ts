import { afterEach, expect, test } from 'vitest';

import { PgscaleErrors } from '../../../src/errors/pgscale-error.ts';
import { sh } from '../../../src/host/command.ts';
import { connectFleet, connectionSettings, each } from '../../../src/host/fleet.ts';
import type { Spec } from '../../../src/spec/schema.ts';
import { startSshServer, type SshServer, type SshServerOptions } from '../../support/ssh-server.ts';

const servers: SshServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function start(...options: SshServerOptions[]): Promise<SshServer['settings'][]> {
  const started = await Promise.all(options.map(startSshServer));
  servers.push(...started);
  return started.map((server) => server.settings);
}

test('all hosts that fail are reported together, and nothing stays open', async () => {
  const [good, refusing] = await start({ name: 'pg1' }, { name: 'pg2', refuseLogin: true });
  const settings = [good!, refusing!, { ...good!, name: 'pg3', port: 1 }];
  const error: unknown = await connectFleet(settings).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PgscaleErrors);
  expect((error as PgscaleErrors).errors.map(({ host, code }) => [host, code])).toEqual([
    ['pg2', 'PGS_HOST_AUTH'],
    ['pg3', 'PGS_HOST_UNREACHABLE'],
  ]);
});

test('failures are tolerated when asked for', async () => {
  const [good] = await start({ name: 'pg1' });
  await using fleet = await connectFleet([{ ...good!, name: 'pg0', port: 1 }, good!], { tolerate: true });
  expect([...fleet.hosts.keys()]).toEqual(['pg1']);
  expect(fleet.failures.map((failure) => failure.host)).toEqual(['pg0']);
});

test('work on each host is side by side, and every failure is told', async () => {
  const settings = await start({ name: 'pg1' }, { name: 'pg2' }, { name: 'pg3' });
  await using fleet = await connectFleet(settings);
  expect(await each(fleet.hosts.values(), async (host) => (await host.run(sh`echo ${host.name}`)).stdout)).toEqual([
    'pg1',
    'pg2',
    'pg3',
  ]);
  const failing = each(fleet.hosts.values(), (host) => host.run(sh`test ${host.name} = pg2`));
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  expect((error as PgscaleErrors).errors.map(({ host }) => host)).toEqual(['pg1', 'pg3']);
});

test('settings come from the spec, with the address for SSH', () => {
  const spec = {
    ssh: { user: 'ops', port: 2200, knownHosts: '~/.ssh/known_hosts', identityFile: 'key' },
    hosts: [{ name: 'pg1', address: '10.0.0.1', sshAddress: '192.0.2.1', zone: 'a', roles: [] }],
  } as unknown as Spec;
  expect(connectionSettings(spec, { acceptNew: true })).toEqual([
    {
      ...{ name: 'pg1', address: '192.0.2.1', port: 2200, user: 'ops', identityFile: 'key', proxyJump: undefined },
      ...{ knownHosts: '~/.ssh/known_hosts', acceptNew: true },
    },
  ]);
});
