import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { sshConfigFor, withSshConfig } from '../../../src/host/ssh-config.ts';

const CONFIG = `Host bastion
  HostName 192.0.2.9
  User eve
  Port 2200
Host 10.* !10.0.0.9
  ProxyJump bastion
  IdentityFile ~/.ssh/cluster
Host 10.0.0.9
  ProxyJump none
`;
const settings = { name: 'pg1', address: '10.0.0.1', port: 22, user: 'root', knownHosts: 'k' };
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pgscale-home-'));
  vi.stubEnv('HOME', home);
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh', 'config'), CONFIG);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

test('fills in the key and the jump host that the spec leaves open', async () => {
  expect(await withSshConfig(settings)).toMatchObject({ identityFile: '~/.ssh/cluster', proxyJump: 'bastion' });
  expect(await withSshConfig({ ...settings, identityFile: 'mine' })).toMatchObject({ identityFile: 'mine' });
  expect((await withSshConfig({ ...settings, address: '10.0.0.9' })).proxyJump).toBeUndefined();
});

test('knows the name behind an alias', async () => {
  expect(await sshConfigFor('bastion')).toMatchObject({ hostName: '192.0.2.9', user: 'eve', port: 2200 });
});

test('without a file there is nothing to fill in', async () => {
  await rm(join(home, '.ssh', 'config'));
  expect(await withSshConfig(settings)).toEqual({ ...settings, identityFile: undefined, proxyJump: undefined });
});
