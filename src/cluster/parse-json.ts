import type { z } from 'zod';

/** The value of a JSON text of the given shape; undefined when it is no JSON or has another shape. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
