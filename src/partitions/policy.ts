import * as z from 'zod/mini';

/** Indexes that each partition has of its own. */
const indexPolicy = z.object({ columns: z.array(z.string()), method: z.string() });

const common = {
  /** `schema.name`. */
  table: z.string(),
  column: z.string(),
  indexes: z.array(indexPolicy),
};

export const rangePolicy = z.object({
  ...common,
  by: z.literal('range'),
  /** The length of a partition: a time of the calendar, or a number of ids. */
  step: z.union([z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']), z.number()]),
  timeZone: z.string(),
  ahead: z.number(),
  retention: z.optional(
    z.object({ keep: z.union([z.number(), z.string()]), action: z.enum(['drop', 'archive', 'detach']) }),
  ),
  brin: z.optional(z.object({ pagesPerRange: z.number() })),
});

const listPolicy = z.object({
  ...common,
  by: z.literal('list'),
  partitions: z.record(z.string(), z.array(z.union([z.string(), z.number()]))),
});

const hashPolicy = z.object({ ...common, by: z.literal('hash'), modulus: z.number() });

/** How one table is partitioned; the same as in the spec, whose shape for people is in components/partitions/spec.ts. */
export const policySchema = z.discriminatedUnion('by', [rangePolicy, listPolicy, hashPolicy]);

export type RangePolicy = z.output<typeof rangePolicy>;
export type ListPolicy = z.output<typeof listPolicy>;
export type HashPolicy = z.output<typeof hashPolicy>;
export type Policy = z.output<typeof policySchema>;

/** The table's own name, with which the names of its partitions begin. */
export function tableName({ table }: Pick<Policy, 'table'>): string {
  return table.slice(table.indexOf('.') + 1);
}
