import { execa } from 'execa';

import type { LabDocument, LabHost } from './document.ts';

const TRY_DEADLINE_MS = 5000;

/** The arguments of ssh(1) for a host: the lab's key and known_hosts, and nothing of the operator's own settings. */
export function sshArguments(lab: LabDocument, host: LabHost, user = lab.ssh.user): string[] {
  const options = {
    IdentityFile: lab.ssh.identityFile,
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: lab.ssh.knownHosts,
    StrictHostKeyChecking: 'yes',
    ConnectTimeout: '5',
    LogLevel: 'ERROR',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['-F', 'none', ...flags, '-p', String(lab.ssh.port), `${user}@${host.address}`];
}

/** Whether the login user gets in: not only a port that is open, for logins are refused until the boot is over. */
export async function answers(lab: LabDocument, host: LabHost): Promise<boolean> {
  const { exitCode } = await execa('ssh', ['-o', 'BatchMode=yes', ...sshArguments(lab, host), 'true'], {
    reject: false,
    stdin: 'ignore',
    timeout: TRY_DEADLINE_MS,
  });
  return exitCode === 0;
}
