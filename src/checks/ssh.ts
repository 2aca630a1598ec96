import { sh } from '../host/command.ts';
import { warning, type Check, type Verdict } from './check.ts';

/** pgscale uses one connection a host and up to 8 channels on it. */
const CHANNELS = 8;

/** sshd lets us have the channels that we use. */
export const sshLimits: Check = {
  id: 'ssh-limits',
  title: 'sshd limits',
  run: async (reader) => {
    const settings = await reader.read(
      sh`sshd -T 2>/dev/null | grep -E '^(maxsessions|maxstartups|allowtcpforwarding) '`,
    );
    return sshVerdicts(settings.stdout);
  },
};

/** Judges the effective settings of sshd; pure. */
export function sshVerdicts(settings: string): Verdict[] {
  const value = (key: string): string | undefined => new RegExp(`^${key} (\\S+)`, 'mu').exec(settings)?.[1];
  const sessions = Number(value('maxsessions') ?? 10);
  const verdicts: Verdict[] = [];
  if (sessions < CHANNELS) {
    verdicts.push(
      warning(
        'ssh-max-sessions',
        `sshd allows ${sessions} sessions per connection`,
        `Set MaxSessions ${CHANNELS} or more in sshd_config.`,
      ),
    );
  }
  if (value('allowtcpforwarding') === 'no') {
    verdicts.push(
      warning(
        'ssh-no-forwarding',
        'sshd forbids TCP forwarding',
        'Set AllowTcpForwarding yes for the user of pgscale.',
      ),
    );
  }
  return verdicts;
}
