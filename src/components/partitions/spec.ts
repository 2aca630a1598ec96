import { z } from 'zod';

import { identifierSchema, tableSchema } from '../../spec/values.ts';

const timeZoneSchema = z
  .string()
  .refine(isTimeZone, 'expected a time zone by its IANA name, like Europe/Berlin or UTC')
  .default('UTC')
  .describe('in which days, weeks, months, quarters and years begin');

/** A length of time in words. Months and years are those of the calendar. */
const keepTime = z
  .string()
  .regex(/^[1-9]\d{0,5} (?:hour|day|week|month|year)s?$/u, 'expected a time like 90 days, 12 months or 1 year');

const retention = z.strictObject({
  keep: z
    .union([z.int().min(1), keepTime], {
      error: 'expected so many partitions (1 or more), or a time like 90 days or 12 months',
    })
    .describe('partitions that are over: so many of them, or until the youngest possible row is so old'),
  action: z
    .enum(['drop', 'archive', 'detach'])
    .describe(
      'what becomes of the others: `drop` loses their rows, `archive` has them dumped to the repository of `backup` first, `detach` leaves them as tables',
    ),
});

const index = z.strictObject({
  columns: z.array(identifierSchema).min(1),
  method: z.enum(['btree', 'brin', 'hash', 'gin', 'gist', 'spgist']).default('btree'),
});

const common = {
  table: tableSchema.describe('a partitioned table that is there; schema.name, or name in the schema public'),
  database: identifierSchema.optional().describe('a database of the spec; may be left out when there is one only'),
  column: identifierSchema.describe('the partition key'),
  indexes: z.array(index).default([]).describe('on each partition, besides those of the table'),
  queries: z.array(z.string().min(1)).default([]).describe('`partition check` proves that they prune'),
};

const range = z.strictObject({
  ...common,
  by: z.literal('range'),
  step: z
    .union([z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']), z.int().min(1).max(1_000_000_000_000)], {
      error: 'expected hour, day, week, month, quarter, year, or a number of ids',
    })
    .describe('how long a partition is: a time, or a number of ids'),
  timeZone: timeZoneSchema,
  ahead: z.int().min(1).max(500).default(3).describe('how many partitions are there before they are needed'),
  retention: retention.optional().describe('left out: every partition is kept'),
  brin: z
    .strictObject({ pagesPerRange: z.int().min(1).max(131_072).default(64) })
    .optional()
    .describe('a BRIN index on the key of each partition'),
});

const list = z.strictObject({
  ...common,
  by: z.literal('list'),
  partitions: z
    .record(identifierSchema, z.array(z.union([z.string(), z.number()])).min(1))
    .describe('the end of a partition’s name, and its values: `eu: [de, fr]`'),
});

const hash = z.strictObject({
  ...common,
  by: z.literal('hash'),
  modulus: z.int().min(2).max(1024).describe('how many partitions there are'),
});

/** How one table is partitioned. https://www.postgresql.org/docs/18/ddl-partitioning.html */
export const partitionSpec = z.discriminatedUnion('by', [range, list, hash]);

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
