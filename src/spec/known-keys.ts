import { z } from 'zod';

import type { Path } from './problem.ts';

type Schema = z.core.$ZodType;

/**
 * The keys that a schema allows at a path; empty where anything or nothing is allowed.
 *
 * @param value What was written: of a union, only the kinds that it can be are looked at.
 */
export function knownKeys(schema: Schema, path: Path, value: unknown): string[] {
  const [first, ...rest] = path;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) {
    const options = inner.options.filter((option) => fits(option, value));
    return [...new Set(options.flatMap((option) => knownKeys(option, path, value)))];
  }
  if (first === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const child = childOf(inner, first);
  const next = (value as Record<string | number, unknown> | null | undefined)?.[first];
  return child === undefined ? [] : knownKeys(child, rest, next);
}

function childOf(schema: Schema, key: string | number): Schema | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, Schema>)[key];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

/** Whether no key with a fixed value (`type: s3`) speaks against it. */
function fits(option: Schema, value: unknown): boolean {
  if (!(option instanceof z.ZodObject) || typeof value !== 'object' || value === null) return true;
  const given = new Map<string, unknown>(Object.entries(value));
  return Object.entries(option.shape).every(
    ([key, field]) => !(field instanceof z.ZodLiteral) || [...field.values].some((each) => each === given.get(key)),
  );
}

/** The schema without what only says that a key may be left out. */
function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}
