import { execa } from 'execa';

import { type LabDocument, type LabHost, needDocument, needHost } from './document.ts';

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

/**
 * Runs ssh(1) with this terminal.
 *
 * @param where `command` is a line of shell; an empty one gives a login shell
 * @returns the exit status: of the command, or 255 when ssh itself failed.
 */
export async function login(where: { lab: string; host: string; user: string; command: string }): Promise<number> {
  const lab = await needDocument(where.lab);
  const words = where.command === '' ? [] : [where.command];
  const { exitCode } = await execa('ssh', [...sshArguments(lab, needHost(lab, where.host), where.user), ...words], {
    stdio: 'inherit',
    reject: false,
  });
  return exitCode ?? 255;
}
