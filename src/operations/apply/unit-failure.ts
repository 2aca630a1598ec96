import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';

const LOG_LINES = 15;

/** The last lines of a unit's journal, for a message. */
export async function journalTail(reader: Reader, unit: string): Promise<string> {
  const answer = await reader.read(sh`journalctl -u ${unit} -n ${LOG_LINES} --no-pager -o cat`);
  return answer.stdout;
}

/** Throws PGS_UNIT_FAILED with the journal when systemd has given a unit up: there is nothing left to wait for. */
export async function failedUnit(reader: Reader, unit: string): Promise<void> {
  const state = await reader.read(sh`systemctl show -p ActiveState -p NRestarts --value ${unit}`);
  const [activeState, restarts] = state.stdout.split('\n');
  if (activeState !== 'failed' && Number(restarts ?? 0) < 3) return;
  throw new PgscaleError('PGS_UNIT_FAILED', {
    what: `${unit} on ${reader.name} failed`,
    host: reader.name,
    why: await journalTail(reader, unit),
    next: [`pgscale exec ${reader.name} -- journalctl -u ${unit} -n 100`],
  });
}
