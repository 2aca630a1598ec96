import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { harvestPackages, seedPackages } from '../../../src/lab/package-cache.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgscale-packages-'));
  process.env['PGSCALE_LAB_CACHE'] = path.join(folder, 'cache');
});

afterEach(async () => {
  delete process.env['PGSCALE_LAB_CACHE'];
  await rm(folder, { recursive: true });
});

const archives = (host: string): string => path.join(folder, host, 'var/cache/apt/archives');

it('what one host has downloaded, the next one has from the start, without a copy', async () => {
  const [one, two] = [path.join(folder, 'one'), path.join(folder, 'two')];
  await mkdir(path.join(archives('one'), 'partial'), { recursive: true });
  await writeFile(path.join(archives('one'), 'tree_2_amd64.deb'), 'a package');
  await writeFile(path.join(archives('one'), 'lock'), '');
  await writeFile(path.join(archives('one'), 'partial', 'half_1_amd64.deb'), 'half');
  await harvestPackages(one);
  await harvestPackages(one);
  await seedPackages(two);
  expect(await readdir(archives('two'))).toEqual(['tree_2_amd64.deb']);
  expect((await stat(path.join(archives('two'), 'tree_2_amd64.deb'))).nlink).toBe(3);
  await rm(path.join(archives('one'), 'tree_2_amd64.deb'));
  expect(await readFile(path.join(archives('two'), 'tree_2_amd64.deb'), 'utf8')).toBe('a package');
});

it('a host that never downloaded anything has nothing to give', async () => {
  await harvestPackages(path.join(folder, 'none'));
  await seedPackages(path.join(folder, 'one'));
  expect(await readdir(archives('one'))).toEqual([]);
});
