import { z } from 'zod';

import { specSchema } from './schema.ts';

/** The spec as JSON Schema (draft 2020-12), as it may be written: what has a default may be left out. */
export function jsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(specSchema, { io: 'input' });
  return { $schema, title: 'pgscale.yaml', description: 'The spec of a pgscale cluster', ...rest };
}
