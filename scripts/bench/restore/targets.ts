import type { LabCluster } from '../../../test/support/lab-cluster.ts';
import type { Ledger } from './ledger.ts';

/** A moment, and the last row that it has. */
export interface Sample {
  readonly flags: readonly string[];
  readonly last: number;
}

const KINDS = ['time', 'lsn', 'xid', 'name'] as const;
/** At least so long the ledger writes between two samples, at most twice as long. */
const SPREAD_MS = 700;

/** Lets the ledger write and takes moments of all kinds in between. */
export async function takeSamples(cluster: LabCluster, ledger: Ledger, count: number, tag: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < count; index += 1) {
    ledger.start();
    const [wait, within] = [SPREAD_MS * (1 + Math.random()), Math.random()];
    await new Promise((resolve) => setTimeout(resolve, wait));
    const first = ledger.entries.length;
    await new Promise((resolve) => setTimeout(resolve, wait * within));
    await ledger.pause();
    samples.push(
      await takeSample(cluster, ledger, { kind: KINDS[index % KINDS.length]!, first, name: `${tag}-${index}` }),
    );
  }
  return samples;
}

interface Wanted {
  readonly kind: (typeof KINDS)[number];
  /** How many rows there were a moment ago. */
  readonly first: number;
  readonly name: string;
}

async function takeSample(cluster: LabCluster, ledger: Ledger, { kind, first, name }: Wanted): Promise<Sample> {
  const last = ledger.entries.length;
  const between = ledger.entries[Math.min(last - 1, first + Math.floor(Math.random() * (last - first + 1)))]!;
  const isExclusive = Math.random() < 0.5;
  switch (kind) {
    case 'time': {
      const sql = `select to_char((at + random() * interval '20 ms') at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"Z"') from ledger where id = ${between.id}`;
      const time = await ledger.value(sql);
      // What is written from here on is later than the moment.
      await ledger.value(
        `select pg_sleep(greatest(0, extract(epoch from '${time}'::timestamptz - clock_timestamp())) + 0.01)`,
      );
      return { flags: ['--to', time], last: await ledger.lastAt(time) };
    }
    case 'lsn':
      return { flags: ['--lsn', await ledger.value('select pg_current_wal_insert_lsn()')], last };
    case 'xid':
      return {
        flags: ['--xid', between.xid, ...(isExclusive ? ['--exclusive'] : [])],
        last: isExclusive ? between.id - 1 : between.id,
      };
    case 'name':
      await cluster.pgscaleJson('restore-point', 'create', name);
      return { flags: ['--name', name], last };
  }
}
