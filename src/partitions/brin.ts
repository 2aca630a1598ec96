import * as z from 'zod/mini';

import type { Ask } from './look.ts';
import type { TablePlan } from './plan.ts';
import { quoteLiteral } from './statements.ts';

const summary = z.object({
  /** With quotes where it needs them, and its schema. */
  index: z.string(),
  /** Of how many its table is made, `pages_per_range` pages each. */
  ranges: z.number(),
  /** Of which it knows nothing, so that every query has to read them. */
  unsummarized: z.number(),
});

/** What a BRIN index knows of its table. */
export type BrinSummary = z.output<typeof summary>;

/** The BRIN indexes of partitions that are over; the others have their last pages summarized when they are. Pure. */
export function closedBrins({ found, now }: TablePlan): string[] {
  if (found === undefined || now === undefined) return [];
  return found.partitions
    .filter(({ upper, isLeaf, isDetachPending }) => upper !== null && upper <= now && isLeaf && !isDetachPending)
    .flatMap(({ indexes }) => indexes.filter(({ method, isValid }) => method === 'brin' && isValid))
    .map(({ name }) => name);
}

/** The BRIN indexes of the tables' partitions that do not know all of them, whether those are over or not. @throws whatever `ask` throws */
export async function lookAtBrin(ask: Ask, tables: readonly string[]): Promise<BrinSummary[]> {
  return z.array(summary).parse(JSON.parse(await ask(brinQuery(tables))));
}

/**
 * Three functions of contrib's pageinspect as it declares them, for this session and until the ROLLBACK: no extension comes
 * or goes, and none is called that the owner of a schema could have put in the place of ours. Libraries keep what earlier
 * versions of their extension declared, so that these may be called for ever.
 * https://www.postgresql.org/docs/18/pageinspect.html#PAGEINSPECT-BRIN-FUNCS
 */
const DECLARATIONS = [
  `CREATE FUNCTION pg_temp.get_raw_page(text, int8) RETURNS bytea
    LANGUAGE c STRICT AS '$libdir/pageinspect', 'get_raw_page_1_9'`,
  `CREATE FUNCTION pg_temp.brin_metapage_info(bytea, OUT magic text, OUT version int4, OUT pagesperrange int4,
    OUT lastrevmappage int8) LANGUAGE c STRICT AS '$libdir/pageinspect', 'brin_metapage_info'`,
  `CREATE FUNCTION pg_temp.brin_revmap_data(bytea) RETURNS SETOF tid
    LANGUAGE c STRICT AS '$libdir/pageinspect', 'brin_revmap_data'`,
];

/**
 * What somebody does at each DDL is not for what is taken back. As a query, since not every version can be told.
 * https://www.postgresql.org/docs/18/runtime-config-client.html#GUC-EVENT-TRIGGERS
 */
const NO_EVENT_TRIGGERS = `DO $$ BEGIN PERFORM set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers'; END $$`;

/** A map may be too large to be read now: better that than a server that reads on when nobody waits for it any more. */
const PATIENCE = `SET LOCAL statement_timeout = '10s'`;

/** What a page of the map has room for between its header (24 bytes) and what ends it (8), at 6 bytes each. */
const RANGES_A_PAGE = `((current_setting('block_size')::int8 - 32) / 6)`;

/**
 * A transaction that is rolled back, with one row of JSON (an array of `BrinSummary`). The range map of an index has a page
 * for 1,360 ranges, and only these pages are read: for a terabyte with 128 pages a range, 6 MB. A range without a summary
 * has no tuple in it (offset 0). What it takes is ACCESS SHARE on each index, page by page, and on its table.
 * https://www.postgresql.org/docs/18/brin.html#BRIN-OPERATION
 */
function brinQuery(tables: readonly string[]): string {
  const parents = tables.map((table) => `to_regclass(${quoteLiteral(table)})`).join(', ');
  // MATERIALIZED: else pages of other kinds of indexes might be looked at before these are sorted out.
  const query = `WITH brin AS MATERIALIZED (
    SELECT format('%I.%I', n.nspname, c.relname) AS index, x.indrelid AS heap
    FROM pg_inherits AS i JOIN pg_index AS x ON x.indrelid = i.inhrelid JOIN pg_class AS c ON c.oid = x.indexrelid
      JOIN pg_am AS m ON m.oid = c.relam JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE i.inhparent IN (${parents}) AND x.indisvalid AND c.relkind = 'i' AND m.amname = 'brin')
  SELECT coalesce(json_agg(json_build_object('index', index, 'ranges', ranges, 'unsummarized', ranges - summarized)
    ORDER BY index) FILTER (WHERE summarized < ranges), '[]')
  FROM brin CROSS JOIN LATERAL pg_temp.brin_metapage_info(pg_temp.get_raw_page(index, 0))
  CROSS JOIN LATERAL (SELECT ceil(pg_relation_size(heap) / current_setting('block_size')::numeric / pagesperrange)::int8
    AS ranges) AS size
  CROSS JOIN LATERAL (
    SELECT count(*) AS summarized FROM generate_series(1, lastrevmappage) AS page
    CROSS JOIN LATERAL pg_temp.brin_revmap_data(pg_temp.get_raw_page(index, page)) WITH ORDINALITY AS item(tid, nth)
    WHERE (page - 1) * ${RANGES_A_PAGE} + nth <= ranges AND tid::text NOT LIKE '%,0)') AS known`;
  return ['BEGIN READ WRITE', PATIENCE, NO_EVENT_TRIGGERS, ...DECLARATIONS, query, 'ROLLBACK'].join(';\n');
}
