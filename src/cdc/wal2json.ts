import { z } from 'zod';

import type { Cell, Change, Row } from './change.ts';

const columns = z.array(
  z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
);
const messageSchema = z.object({
  action: z.enum(['B', 'C', 'I', 'U', 'D', 'T', 'M']),
  xid: z.number().optional(),
  timestamp: z.string().optional(),
  lsn: z.string().optional(),
  schema: z.string().optional(),
  table: z.string().optional(),
  columns: columns.optional(),
  identity: columns.optional(),
});

const KINDS = {
  B: 'begin',
  C: 'commit',
  I: 'insert',
  U: 'update',
  D: 'delete',
  T: 'truncate',
  M: 'message',
} as const satisfies Record<string, Change['kind']>;

/** How wal2json is asked: one message for each change. https://github.com/eulerto/wal2json#parameters */
export function wal2jsonOptions(tables: readonly string[]): Readonly<Record<string, string>> {
  return {
    'format-version': '2',
    'include-xids': 'true',
    'include-timestamp': 'true',
    'include-lsn': 'true',
    'add-tables': tables.join(','),
  };
}

/** Understands one message of wal2json, format 2. @throws Error for what is none */
export function decodeWal2json(message: string, lsn: string): Change {
  const {
    action,
    xid,
    timestamp,
    schema,
    table,
    columns: now,
    identity,
    ...seen
  } = messageSchema.parse(JSON.parse(message));
  return {
    lsn: seen.lsn ?? lsn,
    kind: KINDS[action],
    ...(xid === undefined ? {} : { xid }),
    ...(table === undefined ? {} : { table: `${schema ?? 'public'}.${table}` }),
    ...(now === undefined ? {} : { row: rowOf(now) }),
    ...(identity === undefined ? {} : { before: rowOf(identity) }),
    ...(timestamp === undefined ? {} : { at: timestamp }),
  };
}

function rowOf(cells: readonly { readonly name: string; readonly value: Cell }[]): Row {
  return Object.fromEntries(cells.map(({ name, value }) => [name, value]));
}
