import { execa } from 'execa';

import { PgscaleError } from '../../../errors/pgscale-error.ts';
import type { HostSpec } from '../../../spec/schema.ts';

/** Takes the power from a machine and gives it back. */
export interface PowerSwitch {
  off(host: HostSpec): Promise<void>;
  on(host: HostSpec): Promise<void>;
}

/** What somebody outside of the cluster knows of its machines. */
export interface Machines {
  /** `lab orders`. */
  readonly name: string;
  /** Nobody has to be asked before something is broken there. */
  readonly isThrowAway: boolean;
  readonly power: PowerSwitch;
}

const POWER_DEADLINE_MS = 120_000;

/**
 * A program of the operator (IPMI, a hypervisor, a cloud) that is run as `PROGRAM off|on NAME ADDRESS`.
 * @throws PgscaleError PGS_DRILL_POWER when it fails
 */
export function powerCommand(program: string): PowerSwitch {
  const call = async (what: 'off' | 'on', { name, sshAddress }: HostSpec): Promise<void> => {
    const { exitCode, failed, stderr, shortMessage } = await execa(program, [what, name, sshAddress], {
      reject: false,
      stdin: 'ignore',
      timeout: POWER_DEADLINE_MS,
    });
    if (!failed && exitCode === 0) return;
    throw new PgscaleError('PGS_DRILL_POWER', {
      what: `\`${program} ${what} ${name}\` failed`,
      host: name,
      why: stderr.trim() || (shortMessage ?? ''),
    });
  };
  return { off: (host) => call('off', host), on: (host) => call('on', host) };
}
