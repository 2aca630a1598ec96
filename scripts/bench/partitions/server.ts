import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bootLab, type LabCluster } from '../../../test/support/lab-cluster.ts';
import { localPgbench } from '../pgbench.ts';

/** Shorter than a wait that anybody would notice, so that the server's log tells of every wait for a lock. */
const TOLD_FROM_MS = 2;

/** SQL that makes tables, and the policies of the spec for them. */
export interface Partitioned {
  readonly policies?: string;
  readonly tables?: readonly string[];
}

/** One PostgreSQL of a lab host, made by `apply`, which tells in its log who waited for a lock, and how long. */
export class BenchServer implements AsyncDisposable {
  readonly cluster: LabCluster;

  private constructor(cluster: LabCluster) {
    this.cluster = cluster;
  }

  /** A server with tables and the policies of its spec for them. */
  static async boot(name: string, { policies = '', tables = [] }: Partitioned = {}): Promise<BenchServer> {
    const cluster = await bootLab(name, 1);
    const server = new BenchServer(cluster);
    try {
      await cluster.init({ vips: false, args: ['--profile', 'normal'] });
      await server.pgscale('apply', '--yes');
      if (policies === '') return server;
      await appendFile(join(cluster.directory, 'pgscale.yaml'), `\npartitions:\n${policies}`);
      await server.sql(...tables);
      await server.pgscale('apply', '--yes');
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What it prints. @throws Error unless it ends with 0 */
  async pgscale(...args: string[]): Promise<string> {
    return (await this.cluster.succeed(...args)).stdout;
  }

  on(script: string): Promise<string> {
    return this.cluster.on('pg1', script);
  }

  /** One statement or several, each in a transaction of its own. */
  sql(...statements: string[]): Promise<string> {
    const words = statements.map((each) => `-c ${quoted(each)}`).join(' ');
    return this.on(`runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d app ${words}`);
  }

  /** Has the server tell of waits of all sessions that begin from now on. */
  async tellWaits(): Promise<void> {
    await this.sql(
      'alter system set log_lock_waits = on',
      `alter system set deadlock_timeout = '${TOLD_FROM_MS}ms'`,
      'select pg_reload_conf()',
    );
    await this.#proveTold();
  }

  /** A client that is made to wait has to be told of. @throws Error when it is not: what is measured then would be nothing */
  async #proveTold(): Promise<void> {
    const since = await this.now();
    await this.sql('create table told ()');
    const hold = 'begin; lock table told; select pg_sleep(1); commit';
    await this.on(`echo 'select from told' >/tmp/told.sql; chmod 644 /tmp/told.sql
runuser -u postgres -- psql -XAtq -d app -c ${quoted(hold)} >/dev/null &
sleep 0.5; ${localPgbench('-n -t 1 -f /tmp/told.sql')} >/dev/null; wait; sleep 2`);
    await this.sql('drop table told');
    if ((await this.waitsMs(since)).length === 0) throw new Error('the log does not tell of waits');
  }

  /**
   * How long the clients of the load waited for locks since a moment (seconds since 1970), in ms, the longest last. A detach waits
   * for the readers that are there, as it is meant to, and is none of them.
   */
  async waitsMs(since: number): Promise<number[]> {
    const log = await this.on(
      `journalctl -u patroni.service --since=@${since} -o cat --no-pager | grep -F ' pgbench ' | grep -F ' acquired ' || true`,
    );
    const found = [...log.matchAll(/acquired \w+ on .*? after ([\d.]+) ms/gu)].map(([, ms]) => Number(ms));
    return found.toSorted((a, b) => a - b);
  }

  async deadlocks(): Promise<number> {
    return Number(await this.sql(`select deadlocks from pg_stat_database where datname = 'app'`));
  }

  async now(): Promise<number> {
    return Number(await this.on('date +%s'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}

/** For the shell of a lab host. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
