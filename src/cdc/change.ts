/** A value as PostgreSQL prints it; undefined in a row: TOASTed and unchanged, so it was not sent. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** One thing that happened to the tables of a stream, the same for every plugin. */
export interface Change {
  /** Of the record in the WAL; for begin and commit of the commit. */
  readonly lsn: string;
  readonly kind: 'begin' | 'commit' | 'insert' | 'update' | 'delete' | 'truncate' | 'message';
  readonly xid?: number;
  /** With its schema. */
  readonly table?: string;
  /** The row as it is now. */
  readonly row?: Row;
  /** What the row was known by before: its key, or all of it with REPLICA IDENTITY FULL. */
  readonly before?: Row;
  /** Columns of the row whose long value has not changed and was not sent. */
  readonly unchanged?: readonly string[];
  readonly at?: string;
}
