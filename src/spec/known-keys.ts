import { z } from 'zod';

import type { Path } from './problem.ts';

/** The keys that a schema allows at a path; empty where anything or nothing is allowed. */
export function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  const [first, ...rest] = path;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    if (first === undefined) return Object.keys(inner.shape);
    const field = (inner.shape as Record<string, z.core.$ZodType>)[first];
    return field === undefined ? [] : knownKeys(field, rest);
  }
  if (inner instanceof z.ZodUnion) return [...new Set(inner.options.flatMap((option) => knownKeys(option, path)))];
  if (first === undefined) return [];
  if (inner instanceof z.ZodArray) return knownKeys(inner.element, rest);
  return inner instanceof z.ZodRecord ? knownKeys(inner.valueType, rest) : [];
}

/** The schema without what only says that a key may be left out. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}
