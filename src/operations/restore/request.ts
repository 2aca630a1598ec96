import { parseLsn } from '../../archive/segment.ts';
import type { Target } from '../../archive/target.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';

/** The flags that say to which moment; exactly one of them. */
export interface TargetFlags {
  readonly to?: string | undefined;
  readonly lsn?: string | undefined;
  readonly xid?: string | undefined;
  readonly name?: string | undefined;
  readonly latest?: boolean | undefined;
  readonly backup?: string | undefined;
}

/** A target with the text that PostgreSQL is given for it. */
export interface RestoreTarget {
  readonly target: Target;
  /** To the microsecond, where `target` counts milliseconds. */
  readonly literal: string;
}

/** Reads the flags. @throws PgscaleError PGS_USAGE for none, for several, and for what cannot be read */
export function targetFromFlags(flags: TargetFlags): RestoreTarget {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined && value !== false);
  if (given.length !== 1) {
    throw usage(
      given.length === 0 ? 'to which moment?' : `only one of ${given.map(([name]) => `--${name}`).join(', ')}`,
    );
  }
  const { to, lsn, xid, name, backup } = flags;
  if (to !== undefined) return timeTarget(to);
  if (lsn !== undefined) return lsnTarget(lsn);
  if (xid !== undefined) return xidTarget(xid);
  if (name !== undefined) return { target: { kind: 'name', name: plainName(name) }, literal: name };
  if (backup !== undefined) return { target: { kind: 'backup', label: backup }, literal: backup };
  return { target: { kind: 'latest' }, literal: '' };
}

/** What is wrong with the flags; undefined when nothing is. */
export function targetProblem(flags: TargetFlags): string | undefined {
  try {
    targetFromFlags(flags);
    return undefined;
  } catch (error) {
    if (error instanceof PgscaleError) return error.why ?? error.message;
    throw error;
  }
}

/** A time needs its zone: what the operator's machine takes for local is not what the hosts do. */
function timeTarget(text: string): RestoreTarget {
  const pattern = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,6})?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)$/iu;
  const [, day, clock, fraction = '', zone = ''] = pattern.exec(text.trim()) ?? [];
  const seconds = clock?.length === 5 ? `${clock}:00` : clock;
  const atMs = parseMoment(day ?? '', seconds ?? '', zone);
  if (Number.isNaN(atMs)) {
    throw usage(
      `--to ${text} is no time with a zone`,
      'expected one like "2026-11-24 07:30:00+01" or "2026-11-24T06:30:00.123456Z"',
    );
  }
  const withFractionMs = atMs + (fraction === '' ? 0 : Number(fraction) * 1000);
  const utc = new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
  return { target: { kind: 'time', atMs: withFractionMs }, literal: `${utc}${fraction}+00` };
}

/** NaN where there is no such moment: `2026-02-30` is none, though Date.parse takes it for the 2nd of March. */
function parseMoment(day: string, clock: string, zone: string): number {
  const atMs = Date.parse(`${day}T${clock}${isoOffset(zone)}`);
  const isDay = !Number.isNaN(atMs) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  return isDay ? atMs : Number.NaN;
}

/** `Z`, `+01`, `+0130`, `+01:30` as Date.parse reads them. */
function isoOffset(zone: string): string {
  if (/^(?:Z|UTC)$/iu.test(zone)) return '+00:00';
  return zone.replace(/^([+-]\d{2}):?(\d{2})?$/u, (_, hours: string, minutes = '00') => `${hours}:${minutes}`);
}

function lsnTarget(text: string): RestoreTarget {
  const lsn = parseLsn(text);
  if (lsn === undefined) throw usage(`--lsn ${text} is no position in the WAL`, 'expected one like 1/6B374D48');
  return { target: { kind: 'lsn', lsn }, literal: text };
}

function xidTarget(text: string): RestoreTarget {
  // PostgreSQL reads a number that begins with 0 as octal.
  if (!/^[1-9]\d{0,19}$/u.test(text))
    throw usage(`--xid ${text} is no transaction`, 'expected a number, as pg_current_xact_id() gives it');
  return { target: { kind: 'xid', xid: text }, literal: text };
}

/** https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-BACKUP: 63 bytes at most. */
export function plainName(name: string): string {
  if (/^[\w.:+ -]{1,63}$/u.test(name)) return name;
  throw usage(
    `${JSON.stringify(name)} is no name of a restore point`,
    'expected 63 letters, digits, and . : + - _ at most',
  );
}

/**
 * PostgreSQL stops at a restore point, at the end of the archive and where a backup ends: there is no other side of those.
 * @throws PgscaleError PGS_USAGE
 */
export function refusePointlessExclusive({ target: { kind } }: RestoreTarget, isExclusive: boolean): void {
  if (!isExclusive || kind === 'time' || kind === 'lsn' || kind === 'xid') return;
  throw usage(`--exclusive says nothing with --${kind}`, 'it is for --to, --lsn and --xid');
}

/** `time 2026-11-24 06:30:00+00`, `xid 778901, exclusive`: a target in words, by which an interrupted restore is known again. */
export function targetText({ target, literal }: RestoreTarget, isExclusive: boolean): string {
  const text = target.kind === 'latest' ? 'the latest' : `${target.kind} ${literal}`;
  return isExclusive ? `${text}, exclusive` : text;
}

/** What to type for a restore in place that was begun: `… --to "2026-11-24 06:30:00+00" --timeline 2`. Pure. */
export function againCommand({ target, timeline }: { readonly target: string; readonly timeline: number }): string {
  const command = 'pgscale restore --in-place';
  const [, kind, literal, exclusive] = /^(time|lsn|xid|name|backup) (.*?)(, exclusive)?$/u.exec(target) ?? [];
  if (kind === undefined || literal === undefined) return `${command} --latest`;
  const flag = kind === 'time' ? 'to' : kind;
  return `${command} --${flag} "${literal}"${exclusive === undefined ? '' : ' --exclusive'} --timeline ${timeline}`;
}

function usage(what: string, why?: string): PgscaleError {
  return new PgscaleError('PGS_USAGE', { what, ...(why !== undefined && { why }), next: ['pgscale restore --help'] });
}
