import type { Target } from '../components/component.ts';
import { readMember } from '../components/patroni/client.ts';
import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { jobState } from '../host/job.ts';
import { PATRONI } from '../spec/layout.ts';
import { dataDirectory } from '../spec/topology.ts';
import { PENDING_RESTART } from '../sql/pending-restart.ts';
import { psqlCommand } from '../sql/psql.ts';

/** The PostgreSQL member of a host, as far as bootstrap and seeding have to know it. */
export interface MemberState {
  /** none: nothing there; whole: a data directory; seeding: a base backup that is not complete. */
  readonly data: 'none' | 'whole' | 'seeding';
  readonly isSeedRunning: boolean;
  readonly isPatroniRunning: boolean;
  readonly isLeader: boolean;
  /** A standby that receives WAL from its primary. */
  readonly isStreaming: boolean;
  /** Patroni says that it is paused: it starts no PostgreSQL then. False when it does not answer. */
  readonly isPaused: boolean;
  /** What Patroni says of PostgreSQL: `running`, `starting`, `start failed` …; undefined when it does not answer. */
  readonly state: string | undefined;
  /** Parameters that wait for a restart of PostgreSQL. */
  readonly pendingRestart: readonly string[];
}

/** The name of the job on the host that copies the data directory. */
export const SEED_JOB = 'seed';

/** Where a base backup is received; it becomes the data directory by a rename, when it is complete. */
export function seedDirectory(target: Target): string {
  return `${dataDirectory(target.spec)}.seeding`;
}

/** A line `primary` when it takes writes, and a line `pending NAME` for each parameter that waits for a restart. */
const ROLE_QUERY = `select 'primary' where not pg_is_in_recovery()
  union all select 'pending ' || name from (${PENDING_RESTART}) as waiting`;

/** Reads the state of the member on a database host. Changes nothing. */
export async function readMemberState(reader: Reader, target: Target): Promise<MemberState> {
  const directory = dataDirectory(target.spec);
  const [data, unit, sql, seed, rest] = await Promise.all([
    reader.read(
      sh`if [ -s ${directory}/PG_VERSION ]; then echo whole; elif [ -d ${seedDirectory(target)} ]; then echo seeding; else echo none; fi`,
    ),
    reader.read(sh`systemctl is-active ${PATRONI.unit}`),
    reader.read(sh`${psqlCommand({ port: target.spec.postgres.port, name: 'postgres' })} -c ${ROLE_QUERY}`),
    jobState(reader, SEED_JOB),
    readMember(reader, target),
  ]);
  const lines = sql.exitCode === 0 ? sql.stdout.split('\n') : [];
  const inFile = lines.flatMap((line) => (line.startsWith('pending ') ? line.slice('pending '.length) : []));
  return {
    data: data.stdout === 'whole' || data.stdout === 'seeding' ? data.stdout : 'none',
    isSeedRunning: seed.state === 'running',
    isPatroniRunning: unit.stdout === 'active',
    isLeader: lines.includes('primary'),
    isStreaming: rest?.replication_state === 'streaming',
    isPaused: rest?.pause ?? false,
    // Patroni knows of those that it gives on the command line, PostgreSQL of those in the file.
    pendingRestart: [...new Set([...inFile, ...Object.keys(rest?.pending_restart_reason ?? {})])],
    state: rest?.state,
  };
}
