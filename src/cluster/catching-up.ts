import prettyBytes from 'pretty-bytes';

import { parseSegment, SEGMENT_BYTES } from '../archive/segment.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import type { Spec } from '../spec/schema.ts';
import { REPLAYED } from '../sql/position.ts';
import { both, readRows, type Query } from '../sql/psql.ts';
import { REPLICATION } from '../sql/replication.ts';

/** A standby that does not stream yet, but replays. Positions in bytes since the beginning of time. */
export interface CatchingUp {
  readonly name: string;
  readonly replayed: number;
  readonly behind: number;
}

/** The standbys that replay WAL and do not stream yet, as one reading. Changes nothing. */
export async function readCatchingUp(primary: Reader, standbys: readonly Reader[], spec: Spec): Promise<CatchingUp[]> {
  const here = await rowOf(primary, spec, both(REPLICATION, REPLAYED));
  const written = here?.second[0]?.bytes ?? undefined;
  if (here === undefined || written === undefined) return [];
  const streaming = here.first.filter(({ state }) => state === 'streaming').map(({ name }) => name);
  const others = standbys.filter(({ name }) => name !== primary.name && !streaming.includes(name));
  const readings = await Promise.all(
    others.map(async (standby) => ({ name: standby.name, replayed: await replayedBy(standby, spec) })),
  );
  return readings.flatMap(({ name, replayed }) =>
    replayed === undefined ? [] : [{ name, replayed, behind: Math.max(0, written - replayed) }],
  );
}

/** One that is not consistent yet lets nobody in; its title tells the segment that it reads. */
async function replayedBy(standby: Reader, spec: Spec): Promise<number | undefined> {
  const [row, titles] = await Promise.all([
    rowOf(standby, spec, REPLAYED),
    standby.read(sh`ps -C postgres -o args=`).catch(ifForeseen),
  ]);
  return row?.bytes ?? recoveringAt(titles?.stdout ?? '', spec.cluster);
}

/** `postgres: orders: startup recovering 000000010000000000000003`, of this cluster and no copy beside it. Pure. */
export function recoveringAt(titles: string, cluster: string): number | undefined {
  const words = `postgres: ${cluster}: startup recovering `;
  const title = titles.split('\n').find((line) => line.startsWith(words));
  const segment = title === undefined ? undefined : parseSegment(title.slice(words.length).trim());
  return segment === undefined ? undefined : segment.number * SEGMENT_BYTES;
}

/** What is waited for and how far it is, `2 of 3 standbys stream; pg3 is 1.2 GB behind`. Pure. */
export function catchingUpText(missing: string, standbys: readonly CatchingUp[]): string {
  if (standbys.length === 0) return missing;
  return `${missing}; ${standbys.map(({ name, behind }) => `${name} is ${prettyBytes(behind)} behind`).join(', ')}`;
}

/** Counts how often a standby was seen farther than ever before: as long as it grows, waiting makes sense. */
export class ReplayProgress {
  readonly #farthest = new Map<string, number>();
  #advances = 0;

  get advances(): number {
    return this.#advances;
  }

  note(standbys: readonly CatchingUp[]): void {
    for (const { name, replayed } of standbys) {
      const before = this.#farthest.get(name);
      if (before !== undefined && replayed <= before) continue;
      this.#farthest.set(name, replayed);
      this.#advances += 1;
    }
  }
}

/** Tells of standbys that have been at one place for long: they wait for WAL that nobody sends them. */
export class Standstill {
  readonly #afterMs: number;
  #seen = new Map<string, { replayed: number; sinceMs: number }>();

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** Those that have not moved for so long; each one is told once in that time, and one that is not there begins anew. */
  note(standbys: readonly CatchingUp[], nowMs: number): string[] {
    const before = this.#seen;
    this.#seen = new Map(
      standbys.map(({ name, replayed }) => {
        const last = before.get(name);
        const isSame = last?.replayed === replayed && nowMs - last.sinceMs < this.#afterMs;
        return [name, isSame ? last : { replayed, sinceMs: nowMs }];
      }),
    );
    return standbys.flatMap(({ name, replayed }) => {
      const last = before.get(name);
      return last?.replayed === replayed && nowMs - last.sinceMs >= this.#afterMs ? [name] : [];
    });
  }
}

async function rowOf<Row>(reader: Reader, spec: Spec, query: Query<Row>): Promise<Row | undefined> {
  return (await readRows(reader, { port: spec.postgres.port, name: 'postgres' }, query).catch(ifForeseen))?.[0];
}

/** A host that does not answer now may do so at the next look. */
function ifForeseen(error: unknown): undefined {
  if (!(error instanceof PgscaleError)) throw error;
}
