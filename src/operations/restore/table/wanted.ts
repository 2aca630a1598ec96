import { PgscaleError } from '../../../errors/pgscale-error.ts';

/** What is brought back: one table with its partitions, or a schema. */
export interface Wanted {
  readonly schema: string;
  /** undefined: the whole schema. */
  readonly table: string | undefined;
  /** The schema that it gets in the cluster. */
  readonly into: string;
}

/** A name as PostgreSQL takes it without quotes; others are given in them: `public."Order Lines"`. */
const NAME = String.raw`(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")`;
const TABLE = new RegExp(`^(?:(${NAME})\\.)?(${NAME})$`, 'u');

/** Reads the words of the command. Pure. @throws PgscaleError PGS_USAGE */
export function wantedFrom(words: {
  readonly table?: string | undefined;
  readonly schema?: string | undefined;
  readonly into?: string | undefined;
}): Wanted {
  const { table: ofTable, schema: ofSchema } = words;
  if ((ofTable === undefined) === (ofSchema === undefined)) {
    throw usage('give one table, or --schema', 'pgscale restore table public.orders');
  }
  const { schema, table } =
    ofTable === undefined ? { schema: schemaOf(ofSchema ?? ''), table: undefined } : tableOf(ofTable);
  const into = words.into ?? (table === undefined ? `restored_${schema}` : 'restored');
  if (into === schema || into.startsWith('pg_')) {
    throw usage(`--into ${into} is where it was, or belongs to PostgreSQL`, 'it gets a schema of another name');
  }
  return { schema, table, into };
}

function schemaOf(text: string): string {
  const { schema, table } = tableOf(text);
  // A name alone is read as a table of the schema public.
  if (schema === 'public' && !text.includes('.')) return table;
  throw usage(`${text} is no name of a schema`, 'as in sales');
}

function tableOf(text: string): { schema: string; table: string } {
  const [, schema = 'public', table] = TABLE.exec(text) ?? [];
  if (table === undefined) throw usage(`${text} is no name of a table`, 'as in public.orders');
  return { schema: bare(schema), table: bare(table) };
}

function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function usage(what: string, why: string): PgscaleError {
  return new PgscaleError('PGS_USAGE', { what, why, next: ['pgscale restore table --help'] });
}
