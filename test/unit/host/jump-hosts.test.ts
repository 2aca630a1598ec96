import { expect, test } from 'vitest';

import { jumpSettings } from '../../../src/host/jump-hosts.ts';

const settings = { name: 'pg1', address: '10.0.0.1', port: 2222, user: 'ops', knownHosts: 'k', proxyJump: 'x' };

test.each([
  ['bastion', { user: 'ops', address: 'bastion', port: 22, proxyJump: undefined }],
  ['eve@bastion:2200', { user: 'eve', address: 'bastion', port: 2200, proxyJump: undefined }],
  ['[fd00::1]:2200', { user: 'ops', address: 'fd00::1', port: 2200, proxyJump: undefined }],
  ['a@one,b@two:23', { user: 'b', address: 'two', port: 23, proxyJump: 'a@one' }],
])('jump host %s', (jump, expected) => {
  expect(jumpSettings(settings, jump)).toMatchObject({ ...expected, knownHosts: 'k' });
});
