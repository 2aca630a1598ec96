import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { expandHome } from '../spec/home.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import { chosenHosts } from './chosen-hosts.ts';

/** What ssh itself ends with when it could not log in. */
const SSH_FAILED = 255;

/** The arguments of ssh(1) for a host of the spec; what the spec leaves open is the user's own configuration. Pure. */
export function sshLogin(spec: Spec, host: HostSpec): string[] {
  const { user, port, identityFile, knownHosts, proxyJump } = spec.ssh;
  return [
    ...['-p', String(port), '-l', user],
    ...['-o', `UserKnownHostsFile=${expandHome(knownHosts)}`, '-o', 'StrictHostKeyChecking=yes'],
    ...(identityFile === undefined ? [] : ['-i', expandHome(identityFile)]),
    ...(proxyJump === undefined ? [] : ['-J', proxyJump]),
    host.sshAddress,
  ];
}

/**
 * Logs in to a host with this terminal, or runs a line of shell there, and gives the exit status.
 * @throws PgscaleError PGS_MEMBER_UNKNOWN, PGS_SSH_MISSING
 */
export async function runSsh(spec: Spec, name: string, line: string | undefined): Promise<number> {
  const [host] = chosenHosts(spec, { names: [name] });
  if (host === undefined) return SSH_FAILED;
  const words = line === undefined ? [] : ['--', line];
  const result = await execa('ssh', [...sshLogin(spec, host), ...words], { stdio: 'inherit', reject: false });
  if (result.code === 'ENOENT') {
    throw new PgscaleError('PGS_SSH_MISSING', { what: 'ssh is not installed on this machine' });
  }
  return result.exitCode ?? SSH_FAILED;
}
