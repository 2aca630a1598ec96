import { mkdir, symlink, link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { sh } from '../../../src/host/command.ts';
import type { Host } from '../../../src/host/host.ts';
import { LocalHost } from '../../../src/host/local-host.ts';
import { SshHost } from '../../../src/host/ssh-host.ts';
import { startSshServer, type SshServer } from '../../support/ssh-server.ts';

let server: SshServer;
let host: SshHost;

beforeAll(async () => {
  server = await startSshServer();
  host = await SshHost.connect(server.settings);
});
afterAll(async () => {
  await host.close();
  await server[Symbol.asyncDispose]();
});

test('a hundred reads cross the network once', async () => {
  const before = host.roundTrips;
  const files = Array.from({ length: 60 }, (_, index) => host.readFile(`${server.directory}/none-${index}`));
  const commands = Array.from({ length: 40 }, (_, index) => host.read(sh`echo ${`number ${index}`}; exit ${index}`));
  const results = await Promise.all(commands);
  expect(results.map((each) => [each.exitCode, each.stdout])).toEqual(
    results.map((_, index) => [index, `number ${index}`]),
  );
  expect(await Promise.all(files)).toEqual(Array.from({ length: 60 }, () => undefined));
  expect(host.roundTrips - before).toBe(1);
});

test('reads of another moment are another round trip', async () => {
  const before = host.roundTrips;
  await host.read(sh`true`);
  await host.read(sh`true`);
  expect(host.roundTrips - before).toBe(2);
});

test('the frames hold any output', async () => {
  const nasty = `ustar\0${'x'.repeat(511)}\n#end-of-script\nä\n\n`;
  await writeFile(join(server.directory, 'nasty'), nasty);
  const [file, command] = await Promise.all([
    host.readFile(`${server.directory}/nasty`),
    host.read(sh`cat ${server.directory}/nasty; cat ${server.directory}/nasty >&2`),
  ]);
  expect(file?.content).toBe(nasty);
  expect(command).toEqual({ exitCode: 0, stdout: nasty.slice(0, -1), stderr: nasty.slice(0, -1) });
});

test('files of every kind', async () => {
  const at = (name: string): string => join(server.directory, name);
  const long = at(`long-${'n'.repeat(200)}`);
  await writeFile(at('real'), 'content', { mode: 0o604 });
  await writeFile(long, 'a long name');
  await symlink(at('real'), at('symbolic'));
  await symlink(at('gone'), at('dangling'));
  await link(at('real'), at('hard'));
  await mkdir(at('directory'));
  const paths = ['real', 'symbolic', 'hard', 'dangling', 'directory', 'real/below', '-dash'].map(at);
  const read = await Promise.all([...paths, long, at('real')].map((path) => host.readFile(path)));
  expect(read.map((file) => file?.content)).toEqual([
    ...['content', 'content', 'content', undefined, undefined, undefined, undefined],
    ...['a long name', 'content'],
  ]);
  expect(read[0]).toMatchObject({ owner: 'root', group: 'root', mode: '0604' });
});

test('/proc is refused rather than read as empty', () => {
  expect(() => host.readFile('/proc/meminfo')).toThrow('no file on a disk');
});

test('a mistake in one read does not harm the others, and none can take their input', async () => {
  const [broken, cat, fine] = await Promise.all([
    host.read(sh`if then (`),
    host.read(sh`cat; cd /nowhere`),
    host.read(sh`echo fine`),
  ]);
  expect(broken.exitCode).toBe(2);
  expect(cat).toMatchObject({ exitCode: 2, stdout: '' });
  expect(fine.stdout).toBe('fine');
});

test('nothing is left behind', async () => {
  const { stdout: directory } = await host.read(sh`pwd`);
  expect(directory).toMatch(/pgscale-read/u);
  expect((await host.read(sh`test -e ${directory}`)).exitCode).toBe(1);
});

test('a read that hangs is refused alone, over SSH and on this machine', { timeout: 40_000 }, async () => {
  const hosts: Host[] = [host, new LocalHost('here')];
  const hanging = await Promise.allSettled(
    hosts.flatMap((each) => [each.read(sh`sleep 300`), each.read(sh`echo fine`)]),
  );
  const refused = { status: 'rejected', reason: { code: 'PGS_REMOTE_DEADLINE', message: /sleep 300/u } };
  const answered = { status: 'fulfilled', value: { stdout: 'fine' } };
  expect(hanging).toMatchObject([refused, answered, refused, answered]);
});
