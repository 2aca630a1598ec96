import { expect, test } from 'vitest';

import { jumpSettings } from '../../../src/host/jump-hosts.ts';

const settings = { name: 'pg1', address: '10.0.0.1', port: 2222, user: 'ops', knownHosts: 'k', proxyJump: 'x' };

test.each([
  ['bastion', { user: 'ops', address: 'bastion', port: 22, proxyJump: undefined }],
  ['eve@bastion:2200', { user: 'eve', address: 'bastion', port: 2200, proxyJump: undefined }],
  ['[fd00::1]:2200', { user: 'ops', address: 'fd00::1', port: 2200, proxyJump: undefined }],
  ['a@one,b@two:23', { user: 'b', address: 'two', port: 23, proxyJump: 'a@one' }],
])('jump host %s', (jump, expected) => {
  expect(jumpSettings(settings, jump, {})).toMatchObject({ ...expected, knownHosts: 'k' });
});

test('what ~/.ssh/config says of a jump host fills in what is not written, but for a jump host of its own', () => {
  const config = { hostName: '192.0.2.9', user: 'eve', port: 2200, identityFile: 'key', proxyJump: 'bastion' };
  expect(jumpSettings(settings, 'bastion', config)).toMatchObject({
    ...{ address: '192.0.2.9', user: 'eve', port: 2200, identityFile: 'key', proxyJump: undefined },
  });
  expect(jumpSettings({ ...settings, identityFile: 'mine' }, 'bob@bastion:1', config)).toMatchObject({
    ...{ user: 'bob', port: 1, identityFile: 'mine' },
  });
});
