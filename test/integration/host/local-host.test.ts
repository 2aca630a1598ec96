import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { sh } from '../../../src/host/command.ts';
import { fsyncLatency } from '../../../src/checks/fsync.ts';
import { readFacts } from '../../../src/host/facts.ts';
import { LocalHost } from '../../../src/host/local-host.ts';
import { specOf, targetOf } from '../../support/target.ts';

const host = new LocalHost('here');

test('runs, with input, as another user, and tells failures like any host', async () => {
  expect((await host.run(sh`id -un; cat`, { as: 'nobody', stdin: 'ä' })).stdout).toBe('nobody\nä');
  await expect(host.run(sh`echo no >&2; exit 3`)).rejects.toMatchObject({
    code: 'PGS_REMOTE_COMMAND',
    host: 'here',
    why: 'no',
  });
});

test('deadline and interruption end the command', async () => {
  await expect(host.run(sh`sleep 87.25`, { deadlineMs: 300 })).rejects.toMatchObject({ code: 'PGS_REMOTE_DEADLINE' });
  const signal = AbortSignal.timeout(300);
  await expect(host.run(sh`sleep 87.25`, { signal })).rejects.toMatchObject({ code: 'PGS_INTERRUPTED' });
  expect((await host.run(sh`ps -ewwo args | grep -c '[s]leep 87.25'`, { okStatuses: 'any' })).stdout).toBe('0');
});

test('files, batched with commands', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pgscale-local-'));
  try {
    const path = join(directory, 'file');
    await host.writeFile(path, 'content', { owner: 'root', group: 'root', mode: '0640' });
    const [file, command] = await Promise.all([host.readFile(path), host.read(sh`echo hi`)]);
    expect(file).toEqual({ content: 'content', owner: 'root', group: 'root', mode: '0640' });
    expect(command.stdout).toBe('hi');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a session', async () => {
  let output = '';
  const session = await host.session(sh`read -r line; echo "got $line"`, (text) => (output += text));
  session.write('a\n');
  expect(await session.ended).toMatchObject({ exitCode: 0, stdout: 'got a' });
  await session[Symbol.asyncDispose]();
  expect(output).toBe('got a\n');
});

test('facts of this machine', async () => {
  const facts = await readFacts(host);
  expect(facts.interface).toBe('lo');
  expect(facts.memoryBytes).toBeGreaterThan(2 ** 28);
  expect(Math.abs(facts.clockSkewMs)).toBeLessThan(5000);
  expect(facts.diskBytes).toBeGreaterThan(facts.diskFreeBytes);
});

test('the disk is that of the data directory, or of what is there of its path', async () => {
  const ofShm = await readFacts(host, host.address, '/dev/shm/pgscale/not/there');
  const { stdout } = await host.read(sh`df --block-size=1 --output=size /dev/shm | tail -n 1`);
  expect(ofShm.diskBytes).toBe(Number(stdout));
});

test('the disks of what is not there yet, and a synchronous write on the one of the data', async () => {
  const target = targetOf(specOf(1, { postgres: { dataDirectory: '/dev/shm/pgscale/not/there' } }), 'pg1');
  expect((await fsyncLatency.run(host, target)).filter(({ what }) => what.includes('/dev/shm'))).toEqual([]);
  expect((await host.read(sh`ls /dev/shm | grep -c pgscale-fsync`)).stdout).toBe('0');
});
