/** Grows when a field of a JSON document is renamed or removed; new fields do not change it. */
export const SCHEMA_VERSION = 1;

/** What every command prints under `--json`: its result, with the version of the document's schema in front. */
export function envelope(result: unknown): Record<string, unknown> {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  return { schemaVersion: SCHEMA_VERSION, ...(isObject ? result : { result }) };
}
