import { core } from 'zod';

/** The value of a JSON text of the given shape; undefined when it is no JSON or has another shape. */
export function parseJson<Schema extends core.$ZodType>(schema: Schema, text: string): core.output<Schema> | undefined {
  try {
    return core.safeParse(schema, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
