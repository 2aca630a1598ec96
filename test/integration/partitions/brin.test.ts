import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { brinFindings } from '../../../src/operations/partition/findings.ts';
import { lookAtBrin } from '../../../src/partitions/brin.ts';
import { look, SESSION_SETTINGS } from '../../../src/partitions/look.ts';
import { planTables } from '../../../src/partitions/plan-table.ts';
import { rotate } from '../../../src/partitions/rotate.ts';
import type { SqlSession } from '../../../src/partitions/sql-session.ts';
import { LOCAL_POSTGRES, LocalPostgres } from '../../support/local-postgres.ts';
import { rangePolicy } from '../../support/partition-catalog.ts';

const run = promisify(execFile);

/** A partition long over, of more pages than one page of a range map is for (1,360), and last month's. No vacuum comes in between. */
const TABLES = `CREATE TABLE events (occurred_at timestamptz NOT NULL) PARTITION BY RANGE (occurred_at);
CREATE TABLE "Old ones" PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')
  WITH (fillfactor = 10, autovacuum_enabled = off);
CREATE INDEX "Old brin" ON "Old ones" USING brin (occurred_at) WITH (pages_per_range = 1);
SELECT format('CREATE TABLE last_month PARTITION OF events FOR VALUES FROM (%L) TO (%L) WITH (autovacuum_enabled = off)',
  date_trunc('month', now(), 'UTC') - interval '1 month', date_trunc('month', now(), 'UTC')) \\gexec
CREATE INDEX last_brin ON last_month USING brin (occurred_at) WITH (pages_per_range = 1);
INSERT INTO events SELECT '2020-01-05' FROM generate_series(1, 50000);
INSERT INTO events SELECT date_trunc('month', now(), 'UTC') - interval '1 day' FROM generate_series(1, 1000)`;

const LEFT = `SELECT (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_depend)`;

describe.skipIf(LOCAL_POSTGRES === undefined)('what BRIN knows, on a PostgreSQL of this machine', () => {
  let server: LocalPostgres;
  let session: SqlSession;
  beforeAll(async () => {
    server = await LocalPostgres.start();
    session = server.session();
    await session.run("SET timezone = 'UTC'");
    await session.run(TABLES);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  /** As the command line asks: a psql for each query, which can change nothing unless it says so. */
  async function ask(query: string): Promise<string> {
    const { program, socketDirectory } = server.access;
    const settings = `${SESSION_SETTINGS}; SET default_transaction_read_only = on`;
    const words = ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', socketDirectory, '-d', 'postgres', '-c', settings];
    return (await run(program, [...words, '-c', query])).stdout.trim();
  }

  async function found(): Promise<string[]> {
    const policies = [rangePolicy({ ahead: 1, brin: { pagesPerRange: 1 } })];
    const summaries = await lookAtBrin(ask, ['public.events']);
    const plans = planTables(policies, await look(ask, policies));
    return plans.flatMap((plan) => brinFindings(plan, summaries)).map(({ what, remedy }) => `${what}; ${remedy}`);
  }

  const says = (index: string, some: string, remedy: string): string =>
    `the BRIN index public.${index} has ${some} ranges that are not summarized: every query reads them; ${remedy}`;

  it('is found wanting until it is summarized, and nothing is left of the look', async () => {
    const before = await session.run(LEFT);
    const pages = Number(await session.run(`SELECT pg_relation_size('"Old ones"') / 8192`));
    expect(pages).toBeGreaterThan(1360);
    const byHand = `SELECT brin_summarize_new_values('public."Old brin"')`;
    const [old, last] = await found();
    expect(old).toMatch(new RegExp(String.raw`has \d+ of ${pages} ranges`, 'u'));
    expect(last).toContain('`pgscale partition rotate`');

    await session.run(byHand);
    await rotate(server.session(), {
      policies: [rangePolicy({ ahead: 1, brin: { pagesPerRange: 1 } })],
      watcher: server.session(),
      choose: (plans) =>
        plans.map((plan) => ({ ...plan, actions: plan.actions.filter(({ kind }) => kind === 'summarize') })),
    });
    expect(await found()).toEqual([]);
    await session.run(`SELECT brin_desummarize_range('"Old brin"', 1500)`);
    expect(await found()).toEqual([says('"Old brin"', `1 of ${pages}`, byHand)]);
    expect(await session.run(LEFT)).toBe(before);
    expect(await session.run(`SELECT count(*) FROM pg_extension WHERE extname = 'pageinspect'`)).toBe('0');
  });

  it('is seen also where the extension is, and where DDL is refused', async () => {
    await session.run('CREATE EXTENSION pageinspect');
    const isWithSwitch = (await session.run("SELECT count(*) FROM pg_settings WHERE name = 'event_triggers'")) === '1';
    if (isWithSwitch) {
      await session.run(
        `CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$`,
      );
      await session.run('CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse()');
    }
    expect(await found()).toHaveLength(1);
    expect(await session.run("SELECT count(*) FROM pg_proc WHERE proname = 'brin_revmap_data'")).toBe('1');
  });
});
