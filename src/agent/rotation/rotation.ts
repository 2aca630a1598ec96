import { renameSync, writeFileSync } from 'node:fs';

import type { Outcome } from '../../partitions/outcome.ts';
import { type Deed, rotate, type Rotation, RotationBusy, RotationOnStandby } from '../../partitions/rotate.ts';
import { localSession } from '../local-psql.ts';
import { isLeader } from '../patroni-rest.ts';
import { archivedText, archiveTable, openStoreOf } from './archive.ts';
import type { RotationSettings } from './settings.ts';
import { messageOf } from '../../errors/message.ts';

type Log = (text: string) => void;

/**
 * One rotation of all databases, if this member leads now; then writes how it ended.
 * @throws Error when a table could not be rotated, so that systemd shows the unit as failed
 */
export async function runRotation(settings: RotationSettings, log: Log, signal: AbortSignal): Promise<void> {
  if (!(await isLeader(settings.patroni))) {
    log('this member does not lead: nothing to do');
    write(settings, { at: new Date().toISOString(), result: 'standby', problems: [] });
    return;
  }
  const problems: string[] = [];
  for (const { database, policies } of settings.databases) {
    const { session, close } = localSession(settings.psql, database, 'pgscale partitions');
    const { session: watcher, close: closeWatcher } = localSession(settings.psql, database, 'pgscale partitions watch');
    try {
      const rotation = await rotate(session, {
        policies,
        watcher,
        signal,
        onDeed: (deed) => log(deedText(deed)),
        archive: async (id) => {
          log(archivedText(await archiveTable(settings.psql, openStoreOf(settings), { database, id })));
        },
      });
      problems.push(...problemsOf(rotation));
    } catch (error) {
      if (error instanceof RotationBusy || error instanceof RotationOnStandby) log(`${database}: ${error.message}`);
      else problems.push(`${database}: ${messageOf(error)}`);
    } finally {
      await Promise.all([close(), closeWatcher()]);
    }
  }
  write(settings, { at: new Date().toISOString(), result: problems.length === 0 ? 'done' : 'failed', problems });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  log('all partitions are as their policies say');
}

function problemsOf({ deeds, plans }: Rotation): string[] {
  return [
    ...plans.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error').map(({ text }) => text)),
    ...deeds.flatMap(({ kind, id, error }) => (error === undefined ? [] : [`${kind} ${id}: ${error}`])),
  ];
}

function deedText({ kind, id, durationMs, attempts, error }: Deed): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  return error === undefined ? `${kind} ${id} (${durationMs} ms${tries})` : `${kind} ${id} failed${tries}: ${error}`;
}

function write({ outcomeFile }: RotationSettings, outcome: Outcome): void {
  writeFileSync(`${outcomeFile}.new`, `${JSON.stringify(outcome)}\n`);
  renameSync(`${outcomeFile}.new`, outcomeFile);
}
