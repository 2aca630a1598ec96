import { expect, test } from 'vitest';

import { sh } from '../../../src/host/command.ts';
import { FakeHost } from '../../support/fake-host.ts';

test('a fake host fails on what it was not taught', async () => {
  const host = new FakeHost('pg7').answer('true').answer(/^uname/u, { stdout: 'Linux' });
  expect((await host.read(sh`uname -s`)).stdout).toBe('Linux');
  await expect(host.read(sh`true `)).rejects.toThrow('FakeHost pg7 was not taught: true ');
  await expect(host.run(sh`rm -rf /`)).rejects.toThrow('was not taught');
});

test('a status that is not ok throws as on a real host', async () => {
  const host = new FakeHost().answer('false', { exitCode: 1, stderr: 'no' });
  await expect(host.run(sh`false`)).rejects.toMatchObject({ code: 'PGS_REMOTE_COMMAND', why: 'no' });
  await expect(host.run(sh`false`, { okStatuses: 'any' })).resolves.toMatchObject({ exitCode: 1 });
});
