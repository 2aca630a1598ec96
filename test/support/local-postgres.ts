import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type LocalSession, localSession, type PsqlAccess } from '../../src/agent/local-psql.ts';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';
/** DETACH CONCURRENTLY, and since when a lock is waited for. */
const OLDEST = 14;

/** Where the programs of a PostgreSQL of this machine are, the newest; undefined where there is none that will do. */
export const LOCAL_POSTGRES = existsSync(DEBIAN)
  ? readdirSync(DEBIAN)
      .map(Number)
      .filter((version) => version >= OLDEST && existsSync(`${DEBIAN}/${version}/bin/postgres`))
      .toSorted((a, b) => b - a)
      .map((version) => `${DEBIAN}/${version}/bin`)[0]
  : undefined;

/** A server of this machine, of its own, that ends with the test; as root it runs as postgres. */
export class LocalPostgres implements AsyncDisposable {
  readonly folder: string;
  readonly access: PsqlAccess;
  readonly #sessions: LocalSession[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.access = { program: `${LOCAL_POSTGRES ?? ''}/psql`, socketDirectory: folder, port: 5432 };
  }

  static async start(): Promise<LocalPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'pgscale-pg-'));
    await chmod(folder, 0o777);
    const server = new LocalPostgres(folder);
    // Programs of PostgreSQL, and those of the agent, go to the socket as this user.
    process.env.PGUSER = 'postgres';
    await server.#program('initdb', '-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '--no-sync');
    const settings = `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off -c deadlock_timeout=20ms`;
    await server.#program('pg_ctl', '-D', `${folder}/data`, '-w', '-l', `${folder}/log`, '-o', settings, 'start');
    return server;
  }

  session(): LocalSession['session'] {
    const session = localSession(this.access, 'postgres', 'test');
    this.#sessions.push(session);
    return session.session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sessions.map(({ close }) => close()));
    await this.#program('pg_ctl', '-D', `${this.folder}/data`, '-m', 'immediate', 'stop');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #program(name: string, ...words: string[]): Promise<void> {
    const command = [`${LOCAL_POSTGRES ?? ''}/${name}`, ...words];
    const [program = '', ...args] =
      process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    await run(program, args, { cwd: '/' });
  }
}
