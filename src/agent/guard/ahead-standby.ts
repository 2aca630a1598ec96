import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { PsqlAccess } from '../local-psql.ts';
import type { ClusterView } from './cluster-view.ts';

const run = promisify(execFile);
const ANSWER_MS = 30_000;
/** A standby that still does not stream then waits for something else. */
const LOOKS_MAX = 30;
/** Each one that is ended early is archived; a record is at most 1 GiB long, 64 segments of the usual size. */
const SEGMENTS_MAX = 70;

/**
 * A crash in the middle of a record leaves a standby with a piece of it, and so with more WAL than the new primary has. The
 * standby waits until the primary is past the segment in which its piece ends, and a primary whose commits wait for a standby
 * does not come there by itself (docs/decisions/guard.md).
 */
export class AheadStandby {
  readonly #psql: PsqlAccess;
  #looks = 0;

  constructor(psql: PsqlAccess) {
    this.#psql = psql;
  }

  /**
   * The position that PostgreSQL is to be past, because of what etcd has just told: a standby runs and does not stream.
   * Undefined when PostgreSQL is not to be asked.
   */
  due({ idlePositionBytes }: Pick<ClusterView, 'idlePositionBytes'>): number | undefined {
    this.#looks = idlePositionBytes === undefined ? 0 : this.#looks + 1;
    return this.#looks <= LOOKS_MAX ? idlePositionBytes : undefined;
  }

  /**
   * Has the primary of this host begin segments until it is past this position.
   * @returns whether it was behind
   * @throws Error when PostgreSQL does not answer
   */
  async pass(positionBytes: number): Promise<boolean> {
    const { program, socketDirectory, port } = this.#psql;
    const target = ['-h', socketDirectory, '-p', String(port), '-d', 'postgres'];
    const isBehind = `pg_current_wal_flush_lsn() < '0/0'::pg_lsn + ${positionBytes}`;
    const statements = ['-c', `SELECT ${isBehind}`, '-c', passWhile(isBehind)];
    const psql = [program, '-XAtq', ...target, ...statements];
    const env = { ...process.env, PGCONNECT_TIMEOUT: '5', PGAPPNAME: 'pgscale guard' };
    const { stdout } = await run('runuser', ['-u', 'postgres', '--', ...psql], { env, timeout: ANSWER_MS });
    return stdout.trim() === 't';
  }
}

/** PostgreSQL ends no segment in which nothing was written, and the standby goes on when it is sent the next page. */
function passWhile(isBehind: string): string {
  return `DO $$ BEGIN
  FOR segment IN 1..${SEGMENTS_MAX} LOOP
    EXIT WHEN NOT ${isBehind};
    PERFORM pg_log_standby_snapshot();
    PERFORM pg_switch_wal();
    PERFORM pg_log_standby_snapshot();
  END LOOP;
END $$`;
}
