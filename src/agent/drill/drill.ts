import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { drillOutcome, type DrillOutcome } from '../../archive/drill-outcome.ts';
import { claimSlot } from '../archive/claim.ts';
import { run } from './program.ts';
import { leftEarly, noRoom, readEnd } from './repository.ts';
import { ScratchServer } from './scratch-server.ts';
import type { DrillSettings } from './settings.ts';
import { messageOf } from '../../errors/message.ts';

type Log = (text: string) => void;

/**
 * Restores the latest state into a scratch server, looks at every page and index (amcheck), runs the checks of the spec, and
 * writes how it went. By the timer, of all members one does it.
 *
 * @param mode `scheduled`, or anything else for a drill that was asked for here
 * @throws Error when the drill failed, so that systemd shows the unit as failed
 */
export async function restoreDrill(
  settings: DrillSettings,
  mode: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (mode === 'scheduled' && !(await claimSlot(settings.archive, 'drill', log))) return;
  const startedAt = Date.now();
  using _lock = takeScratch(settings.scratchDirectory);
  const seen = await measure(settings, log, signal);
  const at = new Date().toISOString();
  const isGood = seen.problems.length === 0;
  const good = isGood
    ? { at, rtoMs: seen.rtoMs, rpoMs: seen.rpoMs, databaseBytes: seen.databaseBytes }
    : previousGood(settings);
  const outcome: DrillOutcome = {
    at,
    result: isGood ? 'passed' : 'failed',
    problems: seen.problems,
    durationMs: Date.now() - startedAt,
    lastTransactionAt: seen.lastTransactionAt,
    lastGood: good,
  };
  writeFileSync(`${settings.outcomeFile}.new`, `${JSON.stringify(outcome)}\n`);
  renameSync(`${settings.outcomeFile}.new`, settings.outcomeFile);
  if (!isGood) throw new Error(seen.problems.join('\n'));
  log(`passed: RTO ${seen.rtoMs} ms, RPO ${seen.rpoMs === null ? 'unknown' : `${seen.rpoMs} ms`}`);
}

interface Seen {
  readonly problems: string[];
  readonly rtoMs: number;
  readonly rpoMs: number | null;
  readonly databaseBytes: number;
  readonly lastTransactionAt: string | null;
}

async function measure(settings: DrillSettings, log: Log, signal: AbortSignal): Promise<Seen> {
  const beganAt = performance.now();
  const problems: string[] = [];
  let seen: Omit<Seen, 'problems'> = { rtoMs: 0, rpoMs: null, databaseBytes: 0, lastTransactionAt: null };
  try {
    const end = await readEnd(settings.archive, signal);
    const disk = await statfs(settings.scratchDirectory);
    const full = noRoom(end, disk.bavail * disk.bsize, settings.scratchDirectory);
    if (full !== undefined) throw new Error(full);
    log('restoring the latest state');
    await using server = await ScratchServer.restore(settings, signal);
    const rtoMs = Math.round(performance.now() - beganAt);
    seen = { rtoMs, ...(await compare(settings, server, signal)) };
    const short = leftEarly(end, server.left);
    if (short !== undefined) problems.push(short);
    log(`takes writes after ${rtoMs} ms; looking at every table and index`);
    problems.push(...(await amcheck(settings, server, signal)));
    for (const check of settings.checks) problems.push(...(await failedCheck(settings, server, check, signal)));
  } catch (error) {
    problems.push(messageOf(error));
  }
  return { ...seen, problems };
}

/** What would be lost if every host went now: commits that the cluster has and the copy has not. */
async function compare(
  settings: DrillSettings,
  server: ScratchServer,
  signal: AbortSignal,
): Promise<Omit<Seen, 'problems' | 'rtoMs'>> {
  const { socketDirectory, port } = settings.live;
  // A primary does not know when it last committed; now is the latest that it can have been.
  const live = `select extract(epoch from case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() else clock_timestamp() end) * 1000`;
  const restored = `select coalesce(extract(epoch from pg_last_xact_replay_timestamp()) * 1000, 0), (select sum(pg_database_size(oid)) from pg_database)`;
  const liveMs = Number(
    await ask(settings, { address: ['-h', socketDirectory, '-p', String(port)], sql: live }, signal).catch(() => ''),
  );
  const [at = '0', bytes = '0'] = (await ask(settings, { address: server.address, sql: restored }, signal)).split('|');
  const restoredMs = Number(at);
  const isKnown = liveMs > 0 && restoredMs > 0;
  return {
    rpoMs: isKnown ? Math.max(0, Math.round(liveMs - restoredMs)) : null,
    databaseBytes: Number(bytes),
    lastTransactionAt: restoredMs === 0 ? null : new Date(restoredMs).toISOString(),
  };
}

/** https://www.postgresql.org/docs/18/app-pgamcheck.html */
async function amcheck(
  { binDirectory }: DrillSettings,
  { address }: ScratchServer,
  signal: AbortSignal,
): Promise<string[]> {
  const words = [...address, '--all', '--install-missing', '--heapallindexed', '--no-strict-names'];
  return run(join(binDirectory, 'pg_amcheck'), words, signal).then(
    () => [],
    (error: unknown) => [messageOf(error)],
  );
}

async function failedCheck(
  settings: DrillSettings,
  { address }: ScratchServer,
  { database, sql }: DrillSettings['checks'][number],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const answer = await ask(settings, { address, sql, database }, signal);
    return answer === 't'
      ? []
      : [`the check "${sql}" in ${database} gives ${answer === '' ? 'nothing' : answer}, not true`];
  } catch (error) {
    return [`the check "${sql}" in ${database}: ${messageOf(error)}`];
  }
}

interface Question {
  readonly address: readonly string[];
  readonly sql: string;
  readonly database?: string;
}

async function ask(
  { binDirectory }: DrillSettings,
  { address, sql, database = 'postgres' }: Question,
  signal: AbortSignal,
): Promise<string> {
  const words = ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...address, '-d', database, '-c', sql];
  return run(join(binDirectory, 'psql'), words, signal);
}

function previousGood({ outcomeFile }: DrillSettings): DrillOutcome['lastGood'] {
  try {
    return drillOutcome.parse(JSON.parse(readFileSync(outcomeFile, 'utf8'))).lastGood;
  } catch {
    return null;
  }
}

/** The scratch directory, empty, until it is given back; what a drill has left that was killed goes. */
function takeScratch(directory: string): Disposable {
  const mark = join(directory, 'drill.pid');
  if (isRunning(mark)) throw new Error(`another restore drill runs on this host (${directory})`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  empty(directory);
  writeFileSync(mark, String(process.pid));
  return { [Symbol.dispose]: () => empty(directory) };
}

/** The directory itself stays: to the drill it is a mount of its own. */
function empty(directory: string): void {
  for (const each of readdirSync(directory)) rmSync(join(directory, each), { recursive: true, force: true });
}

function isRunning(mark: string): boolean {
  if (!existsSync(mark)) return false;
  const pid = Number(readFileSync(mark, 'utf8'));
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('restore-drill');
  } catch {
    return false;
  }
}
