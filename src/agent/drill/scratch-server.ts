import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseHistoryName } from '../../archive/segment.ts';
import { parseHistory, type Ancestor } from '../../archive/timeline.ts';
import { PGBACKREST } from '../archive/settings.ts';
import { run, start, type Started } from './program.ts';
import type { DrillSettings } from './settings.ts';

const PORT = '5432';
const POLL_MS = 100;
const STOP_MS = 60_000;

/** A server on what the repository has, which nobody but this program can reach. */
export class ScratchServer implements AsyncDisposable {
  readonly #settings: DrillSettings;
  readonly #server: Started;

  private constructor(settings: DrillSettings, server: Started) {
    this.#settings = settings;
    this.#server = server;
  }

  /** Restores the latest there is and waits until it takes writes. @throws Error with the last words of who failed */
  static async restore(settings: DrillSettings, signal: AbortSignal): Promise<ScratchServer> {
    const { archive, scratchDirectory: directory } = settings;
    for (const each of ['data', 'spool', 'tablespaces'])
      mkdirSync(join(directory, each), { recursive: true, mode: 0o700 });
    // The lock and the spool of the cluster's own archiving stay out of it: `restore` also empties the spool.
    const own = [
      `--config=${archive.configFile}`,
      `--stanza=${archive.stanza}`,
      `--pg1-path=${directory}/data`,
      `--spool-path=${directory}/spool`,
      `--lock-path=${directory}/spool`,
    ];
    const get = [PGBACKREST, ...own, 'archive-get', '%f', '"%p"'].join(' ');
    const options = ['--type=default', '--archive-mode=off', `--tablespace-map-all=${directory}/tablespaces`];
    await run(
      PGBACKREST,
      [...own, ...options, `--recovery-option=restore_command=${get}`, '--log-level-console=warn', 'restore'],
      signal,
    );
    writeFileSync(join(directory, 'postgresql.conf'), configuration(settings));
    writeFileSync(join(directory, 'pg_hba.conf'), 'local all all peer\n');
    const words = [
      '-D',
      `${directory}/data`,
      '-c',
      `config_file=${directory}/postgresql.conf`,
      '-c',
      'archive_mode=off',
    ];
    const server = new ScratchServer(
      settings,
      start(join(settings.binDirectory, 'postgres'), [...words, '-c', 'primary_conninfo=']),
    );
    try {
      await server.#untilWritable(signal);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** How to reach it. */
  get address(): string[] {
    return ['-h', this.#settings.scratchDirectory, '-p', PORT];
  }

  /** Where its recovery ended, and along which timeline: the history of the one that it has begun says so. */
  get left(): Ancestor | undefined {
    const directory = join(this.#settings.scratchDirectory, 'data/pg_wal');
    const newest = readdirSync(directory)
      .filter((name) => parseHistoryName(name) !== undefined)
      .toSorted()
      .at(-1);
    return newest === undefined ? undefined : parseHistory(readFileSync(join(directory, newest), 'utf8')).at(-1);
  }

  async #untilWritable(signal: AbortSignal): Promise<void> {
    const psql = join(this.#settings.binDirectory, 'psql');
    const words = ['-XAtq', ...this.address, '-d', 'postgres', '-c', 'select not pg_is_in_recovery()'];
    for (;;) {
      signal.throwIfAborted();
      if (this.#server.child.exitCode !== null)
        throw new Error(`PostgreSQL ended while it recovered: ${this.#server.said()}`);
      if ((await run(psql, words, signal).catch(() => '')) === 't') return;
      await sleep(POLL_MS);
    }
  }

  /** Ends it: its data is thrown away, so it does not have to be tidy. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.child.kill('SIGQUIT');
    await Promise.race([this.#server.ended, sleep(STOP_MS, undefined, { ref: false })]);
  }
}

/** Without hot standby no parameter of the cluster can stand in the way of the replay. */
function configuration({ scratchDirectory: directory, parameters }: DrillSettings): string {
  return [
    "cluster_name = 'restore drill'",
    "listen_addresses = ''",
    `port = ${PORT}`,
    `unix_socket_directories = '${directory}'`,
    `hba_file = '${directory}/pg_hba.conf'`,
    'hot_standby = off',
    'shared_buffers = 128MB',
    'autovacuum = off',
    'fsync = off',
    'full_page_writes = off',
    'logging_collector = off',
    "log_destination = 'stderr'",
    ...parameters,
    '',
  ].join('\n');
}
