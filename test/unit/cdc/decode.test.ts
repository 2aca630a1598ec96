import { describe, expect, it } from 'vitest';

import { PgoutputDecoder } from '../../../src/cdc/pgoutput.ts';
import { decodeWal2json } from '../../../src/cdc/wal2json.ts';

const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const int = (value: number, bytes: 1 | 2 | 4): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const int64 = (value: bigint): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
};
const message = (type: string, ...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from(type), ...parts]);
const cells = (...values: (string | null | undefined)[]): Buffer =>
  Buffer.concat([
    int(values.length, 2),
    ...values.map((value) => {
      if (value === undefined) return Buffer.from('u');
      if (value === null) return Buffer.from('n');
      return Buffer.concat([Buffer.from('t'), int(Buffer.byteLength(value), 4), Buffer.from(value)]);
    }),
  ]);
const column = (name: string, isKey: boolean): Buffer =>
  Buffer.concat([int(isKey ? 1 : 0, 1), text(name), int(23, 4), int(0xffffffff, 4)]);

const RELATION = message(
  'R',
  int(16385, 4),
  text('public'),
  text('orders'),
  Buffer.from('d'),
  int(3, 2),
  column('id', true),
  column('note', false),
  column('blob', false),
);

function decoder(): PgoutputDecoder {
  const made = new PgoutputDecoder();
  expect(made.decode(RELATION, '0/1')).toBeUndefined();
  return made;
}

describe('pgoutput', () => {
  it('begin and commit: position, transaction, time', () => {
    const made = new PgoutputDecoder();
    const begin = message('B', int(0x1a, 4), int(0x2b3c, 4), int64(1_000_000n), int(771, 4));
    expect(made.decode(begin, '')).toEqual({ lsn: '1A/2B3C', kind: 'begin', xid: 771, at: '2000-01-01T00:00:01.000Z' });
    const commit = message('C', int(0, 1), int(0x1a, 4), int(0x2b3d, 4), int(0x1a, 4), int(0x2b40, 4), int64(0n));
    expect(made.decode(commit, '')).toMatchObject({ lsn: '1A/2B3D', kind: 'commit', xid: 771 });
  });

  it('insert: text of any alphabet, NULL', () => {
    const change = decoder().decode(message('I', int(16385, 4), Buffer.from('N'), cells('7', 'grün ✓', null)), '0/9');
    expect(change).toEqual({
      lsn: '0/9',
      kind: 'insert',
      xid: 0,
      table: 'public.orders',
      row: { id: '7', note: 'grün ✓', blob: null },
    });
  });

  it('update: the key of before, and a long value that was not sent', () => {
    const update = message(
      'U',
      int(16385, 4),
      Buffer.from('K'),
      cells('7', null, null),
      Buffer.from('N'),
      cells('8', 'x', undefined),
    );
    expect(decoder().decode(update, '0/9')).toMatchObject({
      kind: 'update',
      before: { id: '7' },
      row: { id: '8', note: 'x' },
      unchanged: ['blob'],
    });
    const plain = message('U', int(16385, 4), Buffer.from('N'), cells('8', 'y', null));
    expect(decoder().decode(plain, '0/9')).not.toHaveProperty('before');
  });

  it('delete with REPLICA IDENTITY FULL, truncate', () => {
    const gone = message('D', int(16385, 4), Buffer.from('O'), cells('7', 'x', null));
    expect(decoder().decode(gone, '0/9')).toMatchObject({ before: { id: '7', note: 'x', blob: null } });
    const truncate = message('T', int(1, 4), int(0, 1), int(16385, 4));
    expect(decoder().decode(truncate, '0/9')).toMatchObject({ kind: 'truncate', table: 'public.orders' });
  });

  it('refuses what is cut off, unknown or not told of', () => {
    expect(() => decoder().decode(message('I', int(16385, 4), Buffer.from('N'), int(3, 2)), '')).toThrow('cut off');
    expect(() => decoder().decode(Buffer.from('?'), '')).toThrow('has no message');
    expect(() => decoder().decode(message('I', int(1, 4)), '')).toThrow('relation 1');
  });
});

describe('wal2json', () => {
  it('gives the same shape', () => {
    const line = `{"action":"U","xid":771,"timestamp":"2026-11-28 10:00:00+00","lsn":"0/9","schema":"public","table":"orders",
      "columns":[{"name":"id","type":"bigint","value":8}],"identity":[{"name":"id","type":"bigint","value":7}]}`;
    expect(decodeWal2json(line, '0/1')).toEqual({
      lsn: '0/9',
      kind: 'update',
      xid: 771,
      table: 'public.orders',
      row: { id: 8 },
      before: { id: 7 },
      at: '2026-11-28 10:00:00+00',
    });
    expect(decodeWal2json('{"action":"C"}', '0/1')).toEqual({ lsn: '0/1', kind: 'commit' });
  });
});
