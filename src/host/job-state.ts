import { z } from 'zod';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { LOG_DIRECTORY } from '../spec/layout.ts';
import { sh } from './command.ts';
import type { Reader } from './host.ts';

/** A job as systemd has it. `log` has the last lines that it printed. */
export type JobState =
  | { readonly state: 'absent' }
  | { readonly state: 'running' | 'succeeded'; readonly log: string }
  | { readonly state: 'failed'; readonly log: string; readonly exitCode: number; readonly result: string };

/** The log's last lines that a state comes with. */
const LOG_LINES = 20;

export function jobUnit(name: string): string {
  return `pgscale-${name}.service`;
}

export function jobLog(name: string): string {
  return `${LOG_DIRECTORY}/jobs/${name}.log`;
}

const unitSchema = z.object({
  ActiveState: z.string(),
  SubState: z.string(),
  Result: z.string(),
  ExecMainStatus: z.coerce.number(),
});
type Unit = z.output<typeof unitSchema>;

/** How late the host may notice the end of a job that it waits for. */
const NOTICE_SECONDS = 0.05;

/**
 * What has become of a job: also of one that another run of pgscale started. A reboot forgets it: absent. With `waitMs`,
 * the host answers when the job ends, or after that time (at most a few seconds: a read has a deadline).
 */
export async function jobState(reader: Reader, name: string, waitMs = 0): Promise<JobState> {
  const answer = await reader.read(
    sh`${{ script: waitMs === 0 ? '' : waitScript(name, waitMs) }}systemctl show -p ActiveState -p SubState -p Result -p ExecMainStatus ${jobUnit(name)} || exit 1
echo; tail -n ${LOG_LINES} ${jobLog(name)} 2>/dev/null || true`,
  );
  const [head = '', ...log] = answer.stdout.split('\n\n');
  const unit = parseUnit(head);
  if (unit === undefined) {
    const why = `${answer.stdout}\n${answer.stderr}`.trim();
    throw new PgscaleError('PGS_REMOTE_ANSWER', { what: `systemctl on ${reader.name} failed`, host: reader.name, why });
  }
  return stateOf(unit, log.join('\n\n'));
}

/** Of systemd there is no wait for a unit that stays when its process has ended; of GNU tail there is one for a process. */
function waitScript(name: string, waitMs: number): string {
  return sh`pid=$(systemctl show -p MainPID --value ${jobUnit(name)}) && [ "$pid" -ne 0 ] && timeout ${waitMs / 1000} tail --pid="$pid" -s ${NOTICE_SECONDS} -f /dev/null
`.script;
}

function parseUnit(properties: string): Unit | undefined {
  return unitSchema.safeParse(Object.fromEntries(properties.split('\n').map((line) => line.split('=')))).data;
}

/** A unit that ended well stays as `active (exited)`. */
function stateOf(unit: Unit, log: string): JobState {
  if (unit.ActiveState === 'inactive') return { state: 'absent' };
  if (unit.ActiveState === 'failed') {
    return { state: 'failed', log, exitCode: unit.ExecMainStatus, result: unit.Result };
  }
  return { state: unit.SubState === 'exited' ? 'succeeded' : 'running', log };
}
