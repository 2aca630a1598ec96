import { readFileSync } from 'node:fs';

import { candidateSettings, mayLead } from './candidate.ts';
import { handOver } from './archive/hand-over.ts';
import { scheduledBackup } from './archive/scheduled-backup.ts';
import { archiveSettings } from './archive/settings.ts';
import { restoreDrill } from './drill/drill.ts';
import { drillSettings } from './drill/settings.ts';
import { Guard } from './guard/guard.ts';
import { guardSettings } from './guard/settings.ts';
import { valveSettings } from './valve/settings.ts';
import { resumePoolers, Valve } from './valve/valve.ts';
import { archivedText, archiveTable, openStoreOf } from './rotation/archive.ts';
import { bringBack } from './rotation/bring-back.ts';
import { runRotation } from './rotation/rotation.ts';
import { rotationSettings } from './rotation/settings.ts';
import { SlotKeeper } from './slots/keeper.ts';
import { slotSettings } from './slots/settings.ts';

/** The programs of the agent; systemd starts each of them as `agent.mjs NAME SETTINGS-FILE`. */
const PROGRAMS: Readonly<
  Record<string, (settings: unknown, signal: AbortSignal, words: readonly string[]) => Promise<void>>
> = {
  guard: (settings, signal) => new Guard(guardSettings.parse(settings), log).run(signal),
  valve: (settings, signal) => new Valve(valveSettings.parse(settings), log).run(signal),
  'may-lead': async (settings) => {
    if (!(await mayLead(candidateSettings.parse(settings), log))) process.exitCode = 1;
  },
  // Patroni adds three words: what happened, the role from now on, the cluster.
  'hand-over-archive': (settings, _signal, [, role = '']) => handOver(archiveSettings.parse(settings), role, log),
  'scheduled-backup': (settings, _signal, [type = 'incr']) =>
    scheduledBackup(archiveSettings.parse(settings), type, log),
  'restore-drill': (settings, signal, [mode = '']) => restoreDrill(drillSettings.parse(settings), mode, log, signal),
  'resume-poolers': (settings) => resumePoolers(valveSettings.parse(settings)),
  'keep-slots': (settings, signal) => new SlotKeeper(slotSettings.parse(settings), log).run(signal),
  'archive-partition': async (settings, _signal, [database = '', id = '']) => {
    const { psql, ...rotation } = rotationSettings.parse(settings);
    log(archivedText(await archiveTable(psql, openStoreOf(rotation), { database, id })));
  },
  'bring-back-partition': async (settings, _signal, [database = '', id = '']) => {
    const { psql, ...rotation } = rotationSettings.parse(settings);
    await bringBack(psql, openStoreOf(rotation), { database, id });
  },
  'rotate-partitions': (settings, signal) => runRotation(rotationSettings.parse(settings), log, signal),
};

function log(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Who reads it may be gone; that is no reason to end.
process.stdout.on('error', () => undefined);

const [name = '', file = '', ...words] = process.argv.slice(2);
const program = PROGRAMS[name];
const stop = new AbortController();
for (const each of ['SIGTERM', 'SIGINT'] as const) process.once(each, () => stop.abort());

if (program === undefined) {
  process.stderr.write(`usage: agent.mjs ${Object.keys(PROGRAMS).join('|')} SETTINGS-FILE\n`);
  process.exitCode = 2;
} else {
  await program(JSON.parse(readFileSync(file, 'utf8')), stop.signal, words);
}
