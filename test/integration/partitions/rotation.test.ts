import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { bringBack } from '../../../src/agent/rotation/bring-back.ts';
import { FolderStore } from '../../../src/agent/store/folder-store.ts';
import { archiving, attaching } from '../../../src/operations/partition/change.ts';
import { SESSION_SCRIPT, tableScript } from '../../../src/operations/partition/plan-script.ts';
import { periodAt } from '../../../src/partitions/grid.ts';
import { look } from '../../../src/partitions/look.ts';
import { withMark } from '../../../src/partitions/mark.ts';
import { planTables } from '../../../src/partitions/plan-table.ts';
import type { TablePlan } from '../../../src/partitions/plan.ts';
import { rotate, type RotationOptions } from '../../../src/partitions/rotate.ts';
import type { SqlSession } from '../../../src/partitions/sql-session.ts';
import { LOCAL_POSTGRES, LocalPostgres } from '../../support/local-postgres.ts';
import { rangePolicy } from '../../support/partition-catalog.ts';

const run = promisify(execFile);

/** A partition that is long over, this month's and the next one. */
const TABLES = `DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE people (id int PRIMARY KEY); INSERT INTO people SELECT generate_series(1, 1000);
CREATE TABLE events (occurred_at timestamptz NOT NULL, who int CONSTRAINT "of whom" REFERENCES people) PARTITION BY RANGE (occurred_at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
INSERT INTO events SELECT '2020-01-05', 1 + g % 1000 FROM generate_series(1, 50000) g`;

describe.skipIf(LOCAL_POSTGRES === undefined)('rotation, on a PostgreSQL of this machine', () => {
  let server: LocalPostgres;
  let session: SqlSession;
  let other: SqlSession;
  /** It keeps its advisory lock. */
  let rotator: SqlSession;
  let watcher: SqlSession;
  beforeAll(async () => {
    server = await LocalPostgres.start();
    [session, other, rotator, watcher] = [server.session(), server.session(), server.session(), server.session()];
    for (const each of [session, other]) await each.run('SET idle_session_timeout = 0');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const policies = [rangePolicy({ ahead: 1 })];
  function rotated(options: Partial<RotationOptions> = {}): ReturnType<typeof rotate> {
    return rotate(rotator, { policies, watcher, ...options });
  }

  beforeEach(async () => {
    await session.run('SET client_min_messages = warning');
    for (const each of TABLES.split(';')) await session.run(each);
    await rotated();
  });

  it('a detach does not keep others from writing to what it refers to, while somebody else writes to it for long', async () => {
    await other.run('BEGIN');
    await other.run('INSERT INTO people VALUES (2000)');
    const over = new Promise((resolve) => setTimeout(resolve, 3000)).then(() => other.run('COMMIT'));
    const retention = { keep: '12 months', action: 'detach' } as const;
    const rotation = rotated({ policies: [rangePolicy({ ahead: 1, retention })] });
    await session.run("SET statement_timeout = '1500ms'");
    for (let id = 3000; id < 3060; id++) {
      await session.run(`INSERT INTO people VALUES (${id})`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await session.run('RESET statement_timeout');
    await over;
    const { deeds } = await rotation;
    expect(deeds.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(await session.run("SELECT relispartition FROM pg_class WHERE relname = 'events_old'")).toBe('f');
  });

  it('lasts as long as a dump, whatever time others may be idle', async () => {
    await session.run("ALTER SYSTEM SET idle_session_timeout = '300ms'");
    await session.run('SELECT pg_reload_conf()');
    const archive = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000));
    const { deeds } = await rotated({ choose: (plans) => plans.map((plan) => archiving(plan, 'events_old')), archive });
    expect(deeds.map(({ kind, error }) => `${kind} ${error ?? ''}`)).toEqual(['detach ', 'archive ', 'drop ']);
    await session.run('ALTER SYSTEM RESET idle_session_timeout');
    await session.run('SELECT pg_reload_conf()');
  });

  it('what plan prints does, in psql, what rotate would do', async () => {
    const wanted = [rangePolicy({ ahead: 3, retention: { keep: '12 months', action: 'drop' } })];
    const planned = async (): Promise<readonly TablePlan[]> => {
      return planTables(wanted, await look((query) => session.run(query), wanted));
    };
    const before = await planned();
    expect(before[0]!.actions.map(({ kind }) => kind)).toContain('drop');
    const script = join(server.folder, 'plan.sql');
    await writeFile(script, [...SESSION_SCRIPT, ...before.flatMap(tableScript)].join('\n'));
    const { program } = server.access;
    await run(program, ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', server.folder, '-d', 'postgres', '-f', script]);
    const [after] = await planned();
    expect(after!.actions).toEqual([]);
    expect(await session.run("SELECT to_regclass('events_old') IS NULL")).toBe('t');
  });

  it('a table of somebody else does not become a partition, whatever its comment says', async () => {
    await session.run('CREATE TABLE mine (LIKE events); DROP ROLE IF EXISTS mallory; CREATE ROLE mallory');
    await session.run('ALTER TABLE mine OWNER TO mallory');
    const seen = await rotated({ choose: () => [] });
    const [last] = seen.plans[0]!.found!.partitions.flatMap(({ upper }) => upper ?? []).toSorted((a, b) =>
      a < b ? 1 : -1,
    );
    const policy = rangePolicy({ ahead: 2 });
    const mark = {
      of: 'public.events',
      then: 'attach',
      lower: last!,
      upper: periodAt(policy, 'timestamptz', last!).upper,
    } as const;
    await session.run(`COMMENT ON TABLE mine IS '${withMark(mark, null)}'`);
    const { deeds } = await rotated({ policies: [policy] });
    expect(deeds.map(({ kind }) => kind)).toEqual(['create', 'attach']);
    await session.run('DROP TABLE mine; DROP ROLE mallory');
  });

  it('a new partition is stored as its table says, which a partitioned one can only say since PostgreSQL 17', async (context) => {
    if (Number(await session.run('SHOW server_version_num')) < 170000) context.skip();
    const methods = `SELECT string_agg(DISTINCT amname, ',') FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
      JOIN pg_am AS m ON m.oid = c.relam WHERE inhparent = 'events'::regclass AND c.oid >`;
    const newest = await session.run('SELECT max(oid) FROM pg_class');
    await session.run('CREATE ACCESS METHOD "Heap 2" TYPE TABLE HANDLER heap_tableam_handler');
    await session.run('ALTER TABLE events SET ACCESS METHOD "Heap 2"');
    const { deeds } = await rotated({ policies: [rangePolicy({ ahead: 3 })] });
    expect(deeds.map(({ kind, error }) => `${kind} ${error ?? ''}`)).toEqual([
      'create ',
      'attach ',
      'create ',
      'attach ',
    ]);
    expect(await session.run(`${methods} ${newest}`)).toBe('Heap 2');
    await session.run('DROP TABLE events; DROP ACCESS METHOD "Heap 2"');
  });

  it('what comes back from the store has its foreign key again, validated before it is attached', async () => {
    await session.run('ALTER TABLE events DETACH PARTITION events_old');
    const mark = '{"of":"public.events","then":"keep","lower":"1577836800000000","upper":"1580515200000000"}';
    await session.run(`COMMENT ON TABLE events_old IS 'pgscale partition: ${mark}'`);
    const folder = join(server.folder, 'store');
    await mkdir(folder);
    const dumpFile = join(server.folder, 'dump');
    const target = ['-h', server.folder, '-p', '5432', '-d', 'postgres'];
    await run(`${LOCAL_POSTGRES!}/pg_dump`, [...target, '-Fc', '-t', 'public.events_old', '-f', dumpFile]);
    const dump = await readFile(dumpFile);
    const store = new FolderStore(folder);
    const sha256 = createHash('sha256').update(dump).digest('hex');
    const note = { id: 'public.events_old', sha256, bytes: dump.length, at: '2026-11-29T00:00:00Z' };
    await store.put('postgres/public.events_old.dump', Readable.from([dump]));
    await store.put('postgres/public.events_old.dump.json', Readable.from([JSON.stringify(note)]));
    await session.run('DROP TABLE events_old');

    await bringBack(server.access, store, { database: 'postgres', id: 'public.events_old' });
    const keys =
      "SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'events_old'::regclass AND contype = 'f'";
    expect(await session.run(keys)).toBe('');
    const { deeds } = await rotated({ choose: (plans) => plans.map((plan) => attaching(plan, 'events_old')) });
    expect(deeds.map(({ kind, error }) => `${kind} ${error ?? ''}`)).toEqual(['reference ', 'attach ']);
    expect(await session.run(keys)).toBe('of whom|t');
    expect(await session.run('SELECT count(*) FROM events')).toBe('50000');
  });
});
