import type { Backup, Catalogue } from './catalogue.ts';
import { lsnText, SEGMENT_BYTES, segmentName, segmentOf } from './segment.ts';
import { givenUpAt } from './given-up.ts';
import { lineageOf, reaches, timelinesOf, type Reach } from './window.ts';

/** The moment to which a restore goes. */
export type Target =
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'lsn'; readonly lsn: number }
  | { readonly kind: 'xid'; readonly xid: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'latest' }
  | { readonly kind: 'backup'; readonly label: string };

/** How a target is reached: from which backup, along which timeline, with how much WAL. */
export interface Route {
  readonly backup: Backup;
  readonly timeline: number;
  /** Bytes of WAL that are replayed, at most. */
  readonly walBytes: number;
  /** Where the archive ends on that timeline, seen from the backup. */
  readonly endLsn: number;
  readonly endMs: number;
}

export type RouteAnswer =
  | { readonly isPossible: true; readonly route: Route }
  /** isShort: the archive just ends before it; more WAL would help. */
  | { readonly isPossible: false; readonly why: string; readonly isShort: boolean };

/** pgBackRest notes the end of a backup in whole seconds: it may have ended any time in that second. */
const BACKUP_CLOCK_MS = 1000;

/**
 * Chooses the backup for a target and proves that the archive leads from it to the target. Pure.
 *
 * pgBackRest does not do this for us: for a transaction or a name it takes the newest backup, even one that was made
 * after the target, and it compares times in whole seconds.
 * https://pgbackrest.org/command.html#command-restore/category-command/option-set
 *
 * @param timeline undefined for the newest; of a backup as it is, for its own
 */
export function routeTo(catalogue: Catalogue, target: Target, nowMs: number, timeline?: number): RouteAnswer {
  const known = timelinesOf(catalogue);
  const along = timeline ?? ownTimeline(catalogue, target) ?? known.at(-1);
  if (along === undefined || catalogue.backups.length === 0) return no('the repository has no backup yet');
  if (!known.includes(along)) return no(`the repository has no timeline ${along}; it has ${known.join(', ')}`);
  if (target.kind === 'time' && target.atMs > nowMs) return no(`${utc(target.atMs)} is in the future`);
  const all = reaches(catalogue, along);
  if (all.length === 0) return no(`no backup leads to timeline ${along}`);
  const candidates = all.filter(({ backup }) => isBefore(backup, target));
  const chosen = choose(candidates, target);
  if (chosen === undefined) return no(beforeAll(all, target, along));
  const short = shortfall(catalogue, chosen, target, along);
  if (short !== undefined) return no(short, chosen.missing === null);
  const ambiguous = ambiguity(catalogue, target, along, timeline);
  if (ambiguous !== undefined) return no(ambiguous);
  return { isPossible: true, route: routeFrom(chosen, target, along) };
}

/** A backup is complete without what came after it, whichever timeline that is on. */
function ownTimeline({ backups }: Catalogue, target: Target): number | undefined {
  return target.kind === 'backup' ? backups.find(({ label }) => label === target.label)?.timeline : undefined;
}

/** Why a time does not say enough without a timeline; undefined when it does. */
function ambiguity(catalogue: Catalogue, target: Target, newest: number, timeline?: number): string | undefined {
  if (target.kind !== 'time' || timeline !== undefined) return undefined;
  const other = givenUpAt(catalogue, newest, target.atMs);
  if (other === undefined) return undefined;
  return `at ${utc(target.atMs)} the cluster was on timeline ${other}, and timeline ${newest} goes on from an earlier state of it; say which one is meant: --timeline ${other} for what was then, or --timeline ${newest}`;
}

function no(why: string, isShort = false): RouteAnswer {
  return { isPossible: false, why, isShort };
}

/** Whether the target may be behind the end of a backup; where that cannot be known, every backup may be before it. */
function isBefore(backup: Backup, target: Target): boolean {
  switch (target.kind) {
    case 'time':
      return backup.stoppedAtMs + BACKUP_CLOCK_MS <= target.atMs;
    case 'lsn':
      return backup.stopLsn <= target.lsn;
    case 'backup':
      return backup.label === target.label;
    case 'xid':
    case 'name':
    case 'latest':
      return true;
  }
}

/**
 * The newest backup, which has the least to replay. When a transaction or a restore point happened cannot be told from
 * the repository: only the oldest of an unbroken stretch is before it for certain.
 */
function choose(candidates: readonly Reach[], { kind }: Target): Reach | undefined {
  const newest = candidates.at(-1);
  if (kind !== 'xid' && kind !== 'name') return newest;
  return candidates.find(({ endNumber }) => endNumber === newest?.endNumber);
}

function beforeAll(all: readonly Reach[], target: Target, along: number): string {
  const oldest = all[0]?.backup;
  if (oldest === undefined) return 'there is no backup';
  if (target.kind === 'time') {
    // Only the second of its end is known.
    return `${utc(target.atMs)} is before the end of the first backup, ${oldest.label}, which ended before ${utc(oldest.stoppedAtMs + BACKUP_CLOCK_MS)}`;
  }
  if (target.kind === 'lsn') {
    return `${lsnText(target.lsn)} is before ${lsnText(oldest.stopLsn)}, the end of the first backup, ${oldest.label}`;
  }
  if (target.kind === 'backup') return `there is no backup ${target.label} from which timeline ${along} can be reached`;
  return 'there is no backup before it';
}

/** Why the archive does not lead as far as the target; undefined when it does. */
function shortfall(catalogue: Catalogue, reach: Reach, target: Target, timeline: number): string | undefined {
  const { endNumber, endMs, missing } = reach;
  const next = missing ?? segmentName(lineageOf(catalogue, timeline).segmentAt(endNumber));
  const end = missing === null ? `the archive ends at ${utc(endMs)}, before` : `segment ${missing} is missing, before`;
  // Recovery stops at a record that begins there or behind: that of a position on the boundary is in the next segment.
  if (target.kind === 'lsn' && target.lsn >= endNumber * SEGMENT_BYTES) {
    return `${end} ${lsnText(target.lsn)}; the first segment that is not there is ${next}`;
  }
  if (target.kind === 'time' && target.atMs > endMs) {
    return `${end} ${utc(target.atMs)}; the first segment that is not there is ${next}`;
  }
  if (missing !== null && (target.kind === 'latest' || target.kind === 'xid' || target.kind === 'name')) {
    return `segment ${missing} is missing, and there is WAL behind it`;
  }
  return undefined;
}

function routeFrom({ backup, endNumber, endMs }: Reach, target: Target, timeline: number): Route {
  const endLsn = endNumber * SEGMENT_BYTES;
  const stop = target.kind === 'lsn' ? target.lsn : target.kind === 'backup' ? backup.stopLsn : endLsn;
  const walBytes = (segmentOf(Math.max(stop - 1, backup.startLsn)) - segmentOf(backup.startLsn) + 1) * SEGMENT_BYTES;
  return { backup, timeline, walBytes, endLsn, endMs };
}

function utc(atMs: number): string {
  return new Date(atMs).toISOString();
}
