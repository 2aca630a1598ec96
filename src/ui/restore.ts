import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { table } from './table.ts';
import { duration, moment } from './time.ts';

interface ShownSide {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly target: string;
}

export interface ShownPosition {
  readonly lastTransactionAt: string | null;
  readonly lsn: string | null;
  readonly timeline: number;
}

/** What will be done, before it is. */
export function renderSidePlan({ side, plan, estimateMs }: ShownSidePlan): string {
  const { route, freeBytes, neededBytes, notArchived } = plan;
  const { backup, timeline, walBytes } = route;
  return [
    `${chalk.bold(side.name)} on ${side.host}, port ${side.port}: ${side.target}`,
    ...timeLines(side.target),
    `  backup   ${backup.label}, ended ${moment(backup.stoppedAtMs)} UTC, ${bytes(backup.databaseBytes)}`,
    `  WAL      up to ${bytes(walBytes)} on timeline ${timeline}`,
    ...(notArchived === undefined
      ? []
      : [chalk.yellow(`           the newest WAL is not in the repository yet, and will be missing: ${notArchived}`)]),
    `  disk     ${bytes(neededBytes)} of ${bytes(freeBytes)} free`,
    `  takes    about ${duration(estimateMs)}`,
  ].join('\n');
}

/** A target that is a time, which is told in UTC, as the clock here shows it. */
function timeLines(target: string): string[] {
  const [, day, clock] = /^time (\S+) ([\d:.]+)\+00/u.exec(target) ?? [];
  return day === undefined || clock === undefined ? [] : [`  that is  ${bothZones(`${day}T${clock}Z`)}`];
}

/** How a restore will go. */
export interface ShownSidePlan {
  readonly side: ShownSide;
  readonly plan: {
    readonly route: {
      readonly backup: { readonly label: string; readonly stoppedAtMs: number; readonly databaseBytes: number };
      readonly timeline: number;
      readonly walBytes: number;
    };
    readonly freeBytes: number;
    readonly neededBytes: number;
    /** Why the newest WAL will not be there. */
    readonly notArchived?: string;
  };
  readonly estimateMs: number;
}

/** Where it is, and what it has. */
export function renderRestored(
  restored: ShownSide & { readonly url: string; readonly restoredTo: ShownPosition; readonly durationMs: number },
): string {
  const { name, host, url, restoredTo, durationMs } = restored;
  return [
    `${chalk.green('✓')} ${chalk.bold(name)} on ${host} in ${duration(durationMs)}: ${restored.target}`,
    ...positionLines(restoredTo),
    `  read it           ${url}`,
    `  when done         pgscale restore drop ${name}`,
  ].join('\n');
}

/** What the cluster is now, and where it was before. */
export function renderInPlace(
  restored: ShownSide & {
    readonly kept: string;
    readonly restoredTo: ShownPosition | null;
    readonly durationMs: number;
  },
): string {
  const { host, kept, restoredTo, target, durationMs } = restored;
  return [
    `${chalk.green('✓')} the cluster is back in ${duration(durationMs)}: ${target}; ${host} leads`,
    ...(restoredTo === null ? [] : positionLines(restoredTo)),
    `  data of before    ${kept} on ${host}`,
    '  a full backup of the new timeline is being made: pgscale backup list',
    '  when all is well  pgscale restore --discard-old',
  ].join('\n');
}

/** What came back, and how to look at it. */
export function renderTables(restored: {
  readonly database: string;
  readonly tables: readonly string[];
  readonly rows: number;
  readonly from: string;
  readonly durationMs: number;
}): string {
  const { database, tables, rows, from, durationMs } = restored;
  const [first = ''] = tables;
  return [
    `${chalk.green('✓')} ${tables.length === 1 ? chalk.bold(first) : `${tables.length} tables`} from ${from} in ${duration(durationMs)}, ${rows} rows`,
    `  look at it        pgscale psql --database ${database} --command 'table ${first} limit 10'`,
    `  when done         pgscale restore drop ${from}`,
  ].join('\n');
}

/** How a drill went. */
export function renderRestoreDrill(drill: {
  readonly host: string;
  readonly result: string;
  readonly problems: readonly string[];
  readonly lastTransactionAt: string | null;
  readonly lastGood: { readonly rtoMs: number; readonly rpoMs: number | null; readonly databaseBytes: number } | null;
}): string {
  const { host, problems, lastTransactionAt, lastGood } = drill;
  if (drill.result !== 'passed' || lastGood === null) {
    return [chalk.red(`✖ The restore drill on ${host} failed.`), ...problems.map((each) => `  ${each}`)].join('\n');
  }
  const { rtoMs, rpoMs, databaseBytes } = lastGood;
  return [
    `${chalk.green('✓')} ${bytes(databaseBytes)} restored on ${host}, every table and index is sound`,
    `  takes writes after  ${duration(rtoMs)} (RTO)`,
    `  would have lost     ${rpoMs === null ? 'unknown: the member here did not say when it last committed' : `${duration(rpoMs)} of commits`} (RPO)`,
    `  last transaction    ${lastTransactionAt === null ? 'none' : bothZones(lastTransactionAt)}`,
  ].join('\n');
}

/** What a restored server has. */
export function positionLines({ lastTransactionAt: at, lsn, timeline }: ShownPosition): string[] {
  return [
    `  last transaction  ${at === null ? 'none replayed' : bothZones(at)}`,
    `  position          ${lsn ?? '-'}, timeline ${timeline}`,
  ];
}

/** In UTC, and as the clock on the wall here shows it. */
function bothZones(at: string): string {
  const time = new Date(at);
  return `${moment(time.getTime())} UTC (${time.toLocaleString(undefined, { timeZoneName: 'short' })})`;
}

export function renderSides(
  sides: readonly (ShownSide & {
    readonly state: string;
    readonly bytes: number;
    readonly position: ShownPosition | null;
  })[],
): string {
  if (sides.length === 0) return 'No side restore.';
  const rows = sides.map(({ name, host, port, target, state, bytes: size, position }) => [
    name,
    host,
    port,
    target,
    state === 'active' ? chalk.green(state) : chalk.yellow(state),
    lastTransaction(position),
    bytes(size),
  ]);
  const columns = [
    'NAME',
    'HOST',
    'PORT',
    'RESTORED TO',
    'STATE',
    'LAST TRANSACTION (UTC)',
    { heading: 'SIZE', align: 'right' as const },
  ];
  return table(columns, rows);
}

function lastTransaction(position: ShownPosition | null): string {
  const at = position?.lastTransactionAt ?? null;
  return at === null ? '-' : moment(Date.parse(at));
}
