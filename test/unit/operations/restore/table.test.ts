import { describe, expect, it } from 'vitest';

import { sideAccess, sideConnection, sideIdentities } from '../../../../src/operations/restore/access.ts';
import { copyStatements, moveStatements, sequenceStatements } from '../../../../src/operations/restore/table/move.ts';
import { transferScript } from '../../../../src/operations/restore/table/script.ts';
import { wantedFrom } from '../../../../src/operations/restore/table/wanted.ts';
import { specOf } from '../../../support/target.ts';

describe('what is brought back', () => {
  it('is a table of public, of a schema, or a schema, under another name', () => {
    expect(wantedFrom({ table: 'orders' })).toEqual({ schema: 'public', table: 'orders', into: 'restored' });
    expect(wantedFrom({ table: 'sales."Order ""X"""', into: 'old' })).toEqual({
      schema: 'sales',
      table: 'Order "X"',
      into: 'old',
    });
    expect(wantedFrom({ schema: 'sales' })).toEqual({ schema: 'sales', table: undefined, into: 'restored_sales' });
  });

  it.each([
    {},
    { table: 'a', schema: 'b' },
    { table: 'a; drop table b' },
    { schema: 'a.b' },
    { table: 'orders', into: 'public' },
    { table: 'orders', into: 'pg_catalog' },
  ])('%o is refused', (words) => {
    expect(() => wantedFrom(words)).toThrow(expect.objectContaining({ code: 'PGS_USAGE' }));
  });
});

describe('statements', () => {
  const table = { schema: 'a"b', table: 't', into: 'old' };
  const relation = { schema: 'a"b', name: 't', isLeaf: true, columns: ['id', '"No"'] };

  it('quote every name', () => {
    expect(moveStatements(table, [relation])).toContain('alter table "a""b"."t" set schema "old";');
    expect(copyStatements(table, relation)).toEqual({
      from: 'copy "a""b"."t" (id, "No") to stdout',
      to: 'copy "old"."t" (id, "No") from stdin;',
    });
    expect(sequenceStatements(table, [{ name: "s'q", lastValue: '7' }])).toEqual([
      `select pg_catalog.setval('"old"."s''q"', 7);`,
    ]);
  });

  it('rename a schema, and move partitions that are elsewhere', () => {
    const partition = { ...relation, schema: 'parts' };
    const text = moveStatements({ ...table, table: undefined }, [relation, partition]);
    expect(text).toContain('alter schema "a""b" rename to "old";');
    expect(text).toContain('alter table "parts"."t" set schema "old";');
    expect(text).not.toContain('alter table "a""b"."t" set schema');
  });
});

describe('the job', () => {
  // No argument of a program may have more than 128 KiB, and each partition has some 200 bytes in the script.
  it('gives no program the statements of all partitions as an argument', () => {
    const relations = Array.from({ length: 1000 }, (_, index) => ({
      schema: 'public',
      name: `orders_${index}`,
      isLeaf: true,
      columns: ['id'],
    }));
    const wanted = { schema: 'public', table: 'orders', into: 'restored' };
    const script = transferScript({ wanted, relations, sequences: [], from: 'host=x', database: 'app', port: 5432 });
    expect(script.startsWith(String.raw`printf '%s\n' '{`)).toBe(true);
    expect(script.slice(-200)).toContain(`} </dev/null' | runuser -u postgres`);
    expect(script.endsWith(' -- /bin/sh')).toBe(true);
    expect(script).not.toContain(String.raw`-c '\''create schema`);
    expect(script).toContain('set schema "restored";');
  });
});

describe('access to a side restore', () => {
  it('lets members in by their certificates, before the lines of the cluster', () => {
    const spec = specOf(2);
    expect(sideAccess(spec).split('\n')).toEqual([
      'hostssl all postgres 10.20.0.11/32 cert map=pgscale',
      'hostssl all postgres 10.20.0.12/32 cert map=pgscale',
      'include /etc/pgscale/postgres/pg_hba.conf',
      '',
    ]);
    expect(sideIdentities(spec)).toContain('pgscale pg2 postgres\n');
    expect(sideConnection({ address: '10.20.0.12', port: 5532 }, "it's")).toContain(String.raw`dbname='it\'s'`);
  });
});
