import { ByteReader } from './byte-reader.ts';
import type { Cell, Change } from './change.ts';

interface Column {
  readonly name: string;
  readonly isKey: boolean;
}

interface Relation {
  readonly table: string;
  readonly columns: readonly Column[];
}

interface Tuple {
  readonly row: Record<string, Cell>;
  readonly unchanged: readonly string[];
}

/** Microseconds between 1970 and 2000, where PostgreSQL's time begins. */
const EPOCH_US = 946_684_800_000_000n;

/**
 * Understands `pgoutput`, protocol 1, values as text. Relations are told once in a session, so one decoder belongs to one
 * session. https://www.postgresql.org/docs/18/protocol-logicalrep-message-formats.html
 */
export class PgoutputDecoder {
  readonly #relations = new Map<number, Relation>();
  #xid = 0;

  /** One message; undefined for what tells of no change (relations, types, origins). @throws Error for what is no message */
  decode(message: Buffer, lsn: string): Change | undefined {
    const reader = new ByteReader(message);
    const type = reader.letter();
    switch (type) {
      case 'B':
        return this.#begin(reader);
      case 'C':
        return this.#commit(reader);
      case 'R':
        this.#relation(reader);
        return undefined;
      case 'I':
        return this.#insert(reader, lsn);
      case 'U':
        return this.#update(reader, lsn);
      case 'D':
        return this.#delete(reader, lsn);
      case 'T':
        return this.#truncate(reader, lsn);
      case 'O':
      case 'Y':
        return undefined;
      case 'M':
        return { lsn, kind: 'message' };
      default:
        throw new Error(`pgoutput has no message ${JSON.stringify(type)}`);
    }
  }

  #begin(reader: ByteReader): Change {
    const lsn = reader.lsn();
    const at = timeOf(reader.int64());
    this.#xid = reader.uint32();
    return { lsn, kind: 'begin', xid: this.#xid, at };
  }

  #commit(reader: ByteReader): Change {
    reader.byte();
    const lsn = reader.lsn();
    reader.lsn();
    return { lsn, kind: 'commit', xid: this.#xid, at: timeOf(reader.int64()) };
  }

  #relation(reader: ByteReader): void {
    const id = reader.uint32();
    const table = `${reader.text() || 'pg_catalog'}.${reader.text()}`;
    reader.byte();
    const columns = Array.from({ length: reader.int16() }, (): Column => {
      const isKey = reader.byte() === 1;
      const name = reader.text();
      reader.uint32();
      reader.uint32();
      return { name, isKey };
    });
    this.#relations.set(id, { table, columns });
  }

  #insert(reader: ByteReader, lsn: string): Change {
    const relation = this.#known(reader.uint32());
    reader.byte();
    return { lsn, kind: 'insert', xid: this.#xid, table: relation.table, ...rowOf(tuple(reader, relation.columns)) };
  }

  #update(reader: ByteReader, lsn: string): Change {
    const relation = this.#known(reader.uint32());
    const kind = reader.letter();
    const before = kind === 'N' ? undefined : oldRow(kind, reader, relation);
    if (kind !== 'N') reader.byte();
    const change = { lsn, kind: 'update' as const, xid: this.#xid, table: relation.table };
    const now = rowOf(tuple(reader, relation.columns));
    return { ...change, ...now, ...(before === undefined ? {} : { before }) };
  }

  #delete(reader: ByteReader, lsn: string): Change {
    const relation = this.#known(reader.uint32());
    const before = oldRow(reader.letter(), reader, relation);
    return { lsn, kind: 'delete', xid: this.#xid, table: relation.table, before };
  }

  #truncate(reader: ByteReader, lsn: string): Change {
    const count = reader.uint32();
    reader.byte();
    const tables = Array.from({ length: count }, () => this.#known(reader.uint32()).table);
    return { lsn, kind: 'truncate', xid: this.#xid, table: tables.join(', ') };
  }

  #known(id: number): Relation {
    const relation = this.#relations.get(id);
    if (relation === undefined) throw new Error(`pgoutput names a relation ${id} that it has not told of`);
    return relation;
  }
}

/** Of a key only its columns are sent; the others come as NULL. */
function oldRow(kind: string, reader: ByteReader, { columns }: Relation): Record<string, Cell> {
  const { row } = tuple(reader, columns);
  if (kind === 'O') return row;
  const keys = new Set(columns.filter(({ isKey }) => isKey).map(({ name }) => name));
  return Object.fromEntries(Object.entries(row).filter(([name]) => keys.has(name)));
}

function tuple(reader: ByteReader, columns: readonly Column[]): Tuple {
  const row: Record<string, Cell> = {};
  const unchanged: string[] = [];
  const count = reader.int16();
  for (const { name } of columns.slice(0, count)) {
    const kind = reader.letter();
    if (kind === 'u') unchanged.push(name);
    else row[name] = kind === 'n' ? null : reader.sized();
  }
  return { row, unchanged };
}

function rowOf({ row, unchanged }: Tuple): Pick<Change, 'row' | 'unchanged'> {
  return unchanged.length === 0 ? { row } : { row, unchanged };
}

function timeOf(microseconds: bigint): string {
  return new Date(Number((microseconds + EPOCH_US) / 1000n)).toISOString();
}
