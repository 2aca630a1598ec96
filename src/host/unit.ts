import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh } from './command.ts';
import type { Reader } from './host.ts';

const LOG_LINES = 15;

/** Several restarts while somebody waits mean that a unit which is restarted for ever cannot run. */
const RESTARTS_THAT_MEAN_FAILURE = 3;

/** The last lines of a unit's journal, for a message. */
export async function journalTail(reader: Reader, unit: string): Promise<string> {
  const answer = await reader.read(sh`journalctl -u ${unit} -n ${LOG_LINES} --no-pager -o cat`);
  return answer.stdout;
}

/**
 * Begins to watch a unit that should come up. Gives what has to be asked from time to time: it throws PGS_UNIT_FAILED, with
 * the journal, when systemd has given the unit up or restarts it again and again, so that there is nothing left to wait for.
 */
export async function watchUnit(reader: Reader, unit: string): Promise<() => Promise<void>> {
  const before = await readUnit(reader, unit);
  return async () => {
    const { activeState, restarts } = await readUnit(reader, unit);
    if (activeState !== 'failed' && restarts - before.restarts < RESTARTS_THAT_MEAN_FAILURE) return;
    throw new PgscaleError('PGS_UNIT_FAILED', {
      what: `${unit} on ${reader.name} failed`,
      host: reader.name,
      why: await journalTail(reader, unit),
      next: [`pgscale exec ${reader.name} -- journalctl -u ${unit} -n 100`],
    });
  };
}

async function readUnit(reader: Reader, unit: string): Promise<{ activeState: string; restarts: number }> {
  const answer = await reader.read(sh`systemctl show -p ActiveState -p NRestarts ${unit}`);
  const [, activeState = 'unknown'] = /^ActiveState=(.*)$/mu.exec(answer.stdout) ?? [];
  const [, restarts = '0'] = /^NRestarts=(\d+)$/mu.exec(answer.stdout) ?? [];
  return { activeState, restarts: Number(restarts) };
}
