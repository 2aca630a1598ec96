import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { problemLine, type ShownProblem } from './problem.ts';
import { right, table } from './table.ts';
import { duration } from './time.ts';

interface ShownTable {
  readonly database: string;
  readonly table: string;
  readonly by: string;
  readonly problems: readonly ShownProblem[];
  readonly partitions: readonly {
    readonly name: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly bounds: string;
    readonly state: string;
    readonly rows: number;
    readonly bytes: number;
    readonly indexBytes: number | null;
    readonly lastVacuum: string | null;
  }[];
  readonly coveredUntil: string | null;
  readonly daysLeft: number | null;
  readonly isNextMissing: boolean;
}

interface ShownPlan {
  readonly database: string;
  readonly table: string;
  readonly problems: readonly ShownProblem[];
  readonly session: readonly string[];
  readonly statements: readonly string[];
  readonly drops: ShownSum;
  readonly detaches: ShownSum;
  readonly isChanging: boolean;
}

interface ShownSum {
  readonly partitions: number;
  readonly rows: number;
  readonly bytes: number;
}

interface ShownDeed {
  readonly kind: string;
  readonly id: string;
  readonly durationMs: number;
  readonly attempts: number;
  readonly error?: string;
}

const NONE = '–';
const COLUMNS = ['partition', 'from', 'to', 'state', right('rows'), right('size'), right('indexes'), 'vacuumed'];

/** For each table its partitions, and how far they reach. */
export function renderPartitions(tables: readonly ShownTable[]): string {
  return tables
    .map((each) => [...headLines(each), ...(each.partitions.length === 0 ? [] : [partitionTable(each)])].join('\n'))
    .join('\n\n');
}

function headLines({
  table: name,
  database,
  by,
  problems,
  coveredUntil,
  daysLeft,
  isNextMissing,
}: ShownTable): string[] {
  const days = daysLeft === null ? '' : `, ${daysLeft} days from now`;
  const reach = coveredUntil === null ? '' : `  without a partition from ${coveredUntil} on${days}`;
  return [
    `${chalk.bold(name)}  ${chalk.dim(`${database}, by ${by}`)}${isNextMissing ? chalk.red(reach) : reach}`,
    ...problems.map(problemLine),
  ];
}

function partitionTable({ partitions, by }: ShownTable): string {
  const rows = partitions.map((each) => [
    each.name,
    by === 'range' ? (each.from ?? NONE) : each.bounds.replace('FOR VALUES ', ''),
    each.to ?? NONE,
    each.state === 'attached' ? each.state : chalk.yellow(each.state),
    each.rows,
    bytes(each.bytes),
    each.indexBytes === null ? NONE : bytes(each.indexBytes),
    each.lastVacuum?.slice(0, 16).replace('T', ' ') ?? NONE,
  ]);
  return table(COLUMNS, rows);
}

/** The SQL of each database's session and of each table, as psql would take it, with what would go as comments. */
export function renderPartitionPlan(plans: readonly ShownPlan[]): string {
  const parts = plans.map((plan, index) =>
    [
      ...(plan.database === plans[index - 1]?.database ? [] : sessionLines(plan.database, plans)),
      `${chalk.bold(`-- ${plan.table}`)} ${chalk.dim(`(${plan.database})`)}`,
      ...plan.problems.map(({ text }) => chalk.red(`-- ✖ ${text}`)),
      ...goes('drops', plan.drops),
      ...goes('detaches', plan.detaches),
      ...(plan.isChanging || plan.problems.length > 0 ? [] : [chalk.dim('-- nothing has to change')]),
      ...plan.statements,
    ].join('\n'),
  );
  return parts.join('\n\n');
}

/** Nothing where no table has anything to run. */
function sessionLines(database: string, plans: readonly ShownPlan[]): string[] {
  const first = plans.find((each) => each.database === database && each.statements.length > 0);
  return first === undefined ? [] : [chalk.dim(`-- the session of ${database}`), ...first.session, ''];
}

function goes(verb: string, { partitions, rows, bytes: size }: ShownSum): string[] {
  if (partitions === 0) return [];
  const what = `${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
  return [chalk.yellow(`-- ${verb} ${what}: about ${rows} rows, ${bytes(size)}`)];
}

/** One thing that a rotation did. */
export function renderDeed({ kind, id, durationMs, attempts, error }: ShownDeed): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  if (error !== undefined) return ` ${chalk.red('✗')} ${kind} ${id}${tries}: ${error}`;
  return ` ${chalk.green('✓')} ${kind} ${id} (${duration(durationMs)}${tries})`;
}
