import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { sh } from '../../../src/host/command.ts';
import { connectFleet, each } from '../../../src/host/fleet.ts';
import { SshHost } from '../../../src/host/ssh-host.ts';
import { startSshServer, type SshServer, type SshServerOptions } from '../../support/ssh-server.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function start(options?: SshServerOptions): Promise<SshServer> {
  const server = await startSshServer(options);
  open.push(server);
  return server;
}

async function login(server: SshServer, more: Partial<SshServer['settings']> = {}): Promise<SshHost> {
  const host = await SshHost.connect({ ...server.settings, ...more });
  open.push({ [Symbol.asyncDispose]: () => host.close() });
  return host;
}

test('a refused key is named with the user', async () => {
  const server = await start({ refuseLogin: true });
  await expect(login(server)).rejects.toMatchObject({ code: 'PGS_HOST_AUTH', host: 'pg1', message: /as root/u });
});

test('a key file that is not there is named', async () => {
  const server = await start();
  const socket = process.env['SSH_AUTH_SOCK'];
  delete process.env['SSH_AUTH_SOCK'];
  await expect(login(server, { identityFile: '/no/such/key' })).rejects.toMatchObject({
    code: 'PGS_HOST_AUTH',
    why: /\/no\/such\/key/u,
  });
  if (socket !== undefined) process.env['SSH_AUTH_SOCK'] = socket;
});

test('a closed port, a name that does not exist and a host that says nothing', async () => {
  const server = await start();
  await expect(login(server, { port: 1 })).rejects.toMatchObject({
    code: 'PGS_HOST_UNREACHABLE',
    message: /pg1 \(127\.0\.0\.1:1\).*refused/u,
  });
  await expect(login(server, { address: 'no-such-host.invalid' })).rejects.toMatchObject({
    code: 'PGS_HOST_UNREACHABLE',
    message: /DNS/u,
  });
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const failing = SshHost.connect({ ...server.settings, port, connectDeadlineMs: 300 });
  await expect(failing).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE', message: /0.3 s/u });
  silent.close();
});

test('an unknown host key is refused with its fingerprint, unless new ones are accepted', async () => {
  const server = await start();
  await rm(server.settings.knownHosts);
  await expect(login(server)).rejects.toMatchObject({
    code: 'PGS_HOST_KEY_UNKNOWN',
    why: /ssh-ed25519 SHA256:[\w+/]{43}$/u,
  });
  const host = await SshHost.connect({ ...server.settings, acceptNew: true });
  await host.close();
  expect(await readFile(server.settings.knownHosts, 'utf8')).toContain(server.hostKeys[0]);
  await login(server);
});

test('a changed host key is refused also when new ones are accepted', async () => {
  const server = await start();
  const other = await start();
  await writeFile(server.settings.knownHosts, `[127.0.0.1]:${server.settings.port} ${other.hostKeys[0] ?? ''}\n`);
  await expect(SshHost.connect({ ...server.settings, acceptNew: true })).rejects.toMatchObject({
    code: 'PGS_HOST_KEY_CHANGED',
    exitCode: 6,
    next: [expect.stringContaining('ssh-keygen')],
  });
  expect(await readFile(server.settings.knownHosts, 'utf8')).not.toContain(server.hostKeys[0]);
});

test.each([0, 1, 2])('a host with three keys is known by any one of them (%i)', async (index) => {
  const server = await start({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  await writeFile(server.settings.knownHosts, `[127.0.0.1]:${server.settings.port} ${server.hostKeys[index] ?? ''}\n`);
  const host = await login(server);
  expect((await host.run(sh`echo in`)).stdout).toBe('in');
});

test.each(['ask for a password', 'refuse'] as const)('sudo that would %s is recognised', async (sudo) => {
  const server = await start({ user: 'ops', sudo });
  const host = await login(server);
  const refused = { code: 'PGS_HOST_SUDO', host: 'pg1', message: /ops/u, why: /sudo/u };
  await expect(host.run(sh`true`)).rejects.toMatchObject(refused);
  await expect(host.read(sh`true`)).rejects.toMatchObject(refused);
});

test('a command that talks about sudo is no sudo failure', async () => {
  const server = await start({ user: 'ops' });
  const host = await login(server);
  await expect(host.run(sh`echo 'sudo: a password is required' >&2; exit 1`)).rejects.toMatchObject({
    code: 'PGS_REMOTE_COMMAND',
  });
});

test('a connection that breaks is named, and made again at the next use', async () => {
  const server = await start();
  const host = await login(server);
  const running = host.run(sh`sleep 20`);
  const session = await host.session(sh`cat`, () => undefined);
  setTimeout(() => server.wire.cut(), 300);
  await expect(running).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE', message: /lost the connection/u });
  expect(await session.ended).toMatchObject({ exitCode: -1 });
  expect((await host.run(sh`echo again`)).stdout).toBe('again');
  expect(server.logins).toBe(2);
});

test('a host that vanishes is noticed within 20 s', { timeout: 40_000 }, async () => {
  const server = await start();
  const host = await login(server);
  const running = host.run(sh`sleep 60`, { deadlineMs: 60_000 });
  server.wire.freeze();
  const before = performance.now();
  await expect(running).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE' });
  expect(performance.now() - before).toBeLessThan(20_000);
});

test('a host that takes commands and never begins them meets the deadline', async () => {
  const server = await start({ hang: true });
  const host = await login(server);
  await expect(host.run(sh`true`, { deadlineMs: 300 })).rejects.toMatchObject({ code: 'PGS_REMOTE_DEADLINE' });
});

test('an sshd that gives fewer channels is served with fewer', async () => {
  const server = await start({ maxSessions: 3 });
  const host = await login(server);
  await using session = await host.session(sh`cat`, () => undefined);
  const results = await Promise.all(Array.from({ length: 16 }, (_, index) => host.run(sh`sleep 0.05; echo ${index}`)));
  expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 16 }, (_, index) => String(index)));
  session.write('still there');
});

test('an sshd that gives no channel at all is named', async () => {
  const server = await start({ maxSessions: 0 });
  const host = await login(server);
  await expect(host.run(sh`true`)).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE', message: /no channel/u });
});

test('a closed host stays closed', async () => {
  const server = await start();
  const host = await login(server);
  await host.close();
  await expect(host.run(sh`true`)).rejects.toMatchObject({ code: 'PGS_INTERRUPTED' });
});

test('hosts behind a jump host share one connection to it', async () => {
  const first = await start({ name: 'pg1' });
  const second = await start({ name: 'pg2', authorizedKey: first.loginKey });
  const jump = await start({ user: 'gate', authorizedKey: first.loginKey });
  for (const server of [second, jump]) {
    await appendFile(first.settings.knownHosts, await readFile(server.settings.knownHosts));
  }
  const { identityFile, knownHosts } = first.settings;
  const proxyJump = `gate@127.0.0.1:${jump.settings.port}`;
  const settings = [first, second].map((each) => ({ ...each.settings, identityFile, knownHosts, proxyJump }));
  await using fleet = await connectFleet(settings);
  const answers = await each(fleet.hosts.values(), (host) => host.run(sh`echo ${host.name}`));
  expect(answers.map((answer) => answer.stdout)).toEqual(['pg1', 'pg2']);
  expect([jump.logins, first.logins, second.logins]).toEqual([1, 1, 1]);
});

test('a jump host that refuses is named itself', async () => {
  const behind = await start();
  const jump = await start({ user: 'gate', authorizedKey: behind.loginKey, refuseLogin: true });
  await appendFile(behind.settings.knownHosts, await readFile(jump.settings.knownHosts));
  const proxyJump = `gate@127.0.0.1:${jump.settings.port}`;
  await expect(SshHost.connect({ ...behind.settings, proxyJump })).rejects.toMatchObject({
    code: 'PGS_HOST_AUTH',
    message: /jump host gate@127/u,
  });
});

test('a host that its jump host cannot reach is named', async () => {
  const jump = await start({ user: 'gate' });
  const proxyJump = `gate@127.0.0.1:${jump.settings.port}`;
  await expect(SshHost.connect({ ...jump.settings, name: 'pg1', port: 1, proxyJump })).rejects.toMatchObject({
    code: 'PGS_HOST_UNREACHABLE',
    message: /pg1 \(127\.0\.0\.1:1\).*through gate@/u,
  });
});
