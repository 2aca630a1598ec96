import { expect, it } from 'vitest';

import type { LabDocument } from '../../../src/lab/document.ts';
import { knownHostsLine } from '../../../src/lab/keys.ts';
import { sshArguments } from '../../../src/lab/ssh.ts';

it('ssh trusts the keys of the lab only, and nothing of the settings of the person at the terminal', () => {
  const host = { name: 'pg1', fqdn: 'pg1.dev.test', address: '10.77.1.11', zone: 'a' };
  const lab = { ssh: { user: 'ops', port: 22, identityFile: '/k', knownHosts: '/h' }, hosts: [host] } as LabDocument;
  const line = sshArguments(lab, host).join(' ');
  expect(line).toMatch(/^-F none .*-o StrictHostKeyChecking=yes .*-p 22 ops@10\.77\.1\.11$/u);
  expect(line).toContain('-o UserKnownHostsFile=/h');
  expect(sshArguments(lab, host, 'root').at(-1)).toBe('root@10.77.1.11');
});

it('a line of known_hosts has every name of the host and no comment', () => {
  expect(knownHostsLine(['10.77.1.11', 'pg1'], 'ssh-ed25519 AAAA dev host')).toBe('10.77.1.11,pg1 ssh-ed25519 AAAA');
});
