import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { specStep } from '../../../../src/operations/membership/spec-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgscale-spec-'));
  path = join(folder, 'pgscale.yaml');
  await writeFile(path, 'old', { mode: 0o640 });
});
afterEach(() => rm(folder, { recursive: true }));

const run = (at = path): Promise<void> => specStep(at, 'old', 'new').run(() => undefined, new AbortController().signal);

it('puts the new text in place, with the mode of the old file and nothing beside it', async () => {
  await run();
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readdir(folder)).toEqual(['pgscale.yaml']);
  expect(await specStep(path, 'old', 'new').done?.()).toBe('says so already');
});

it('follows a link, and leaves a file alone that somebody else has changed meanwhile', async () => {
  const link = join(folder, 'link.yaml');
  await symlink(path, link);
  await run(link);
  expect(await readFile(path, 'utf8')).toBe('new');
  await writeFile(path, 'edited');
  await expect(run()).rejects.toMatchObject({ code: 'PGS_PLAN_STALE' });
  expect(await readFile(path, 'utf8')).toBe('edited');
});
