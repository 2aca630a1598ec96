import { core } from 'zod';

/** The value of a JSON text of the given shape; undefined when there is none, when it is no JSON or has another shape. */
export function parseJson<Schema extends core.$ZodType>(
  schema: Schema,
  text: string | undefined,
): core.output<Schema> | undefined {
  if (text === undefined) return undefined;
  try {
    return core.safeParse(schema, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
