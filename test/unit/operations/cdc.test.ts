import { describe, expect, it } from 'vitest';

import { connection, CONSUMERS } from '../../../src/operations/cdc/connect.ts';
import { refuseTables } from '../../../src/operations/cdc/stages.ts';
import type { Stream, StreamTable } from '../../../src/sql/stream.ts';
import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import { SECRETS, specOf, VIPS } from '../../support/target.ts';

const spec = specOf(3, {
  endpoints: VIPS,
  cdc: [
    { name: 'feed', tables: ['orders', 'shop.items'] },
    { name: 'lines', plugin: 'wal2json', tables: ['orders'] },
  ],
});
const cluster = { spec, secrets: { ...SECRETS, roles: { app: 'x', cdc_feed: 'feed-password', cdc_lines: 'y' } } };
const choice = { name: 'feed', caFile: '/etc/ssl/ca.crt', withPassword: true } as const;

describe('connect', () => {
  it.each(CONSUMERS)(
    '%s: names endpoint, slot, publication and role, and the password only when asked for',
    (consumer) => {
      const { text } = connection(cluster, { ...choice, consumer });
      for (const word of ['10.20.0.100', 'feed', 'cdc_feed', 'feed-password']) expect(text).toContain(word);
      const hidden = connection(cluster, { ...choice, consumer, withPassword: false });
      expect(hidden.text).not.toContain('feed-password');
      expect(hidden.text).toContain('${CDC_PASSWORD}');
    },
  );

  it('kafka-connect is one JSON document', () => {
    const { text } = connection(cluster, { ...choice, consumer: 'kafka-connect' });
    expect(JSON.parse(text)).toMatchObject({
      name: 'feed',
      config: {
        'slot.name': 'feed',
        'publication.autocreate.mode': 'disabled',
        'table.include.list': 'public.orders,shop.items',
      },
    });
  });

  it('generic asks wal2json for its tables, and Debezium refuses it', () => {
    const { text } = connection(cluster, { ...choice, name: 'lines', consumer: 'generic' });
    expect(text).toContain('--option=add-tables=public.orders');
    expect(() => connection(cluster, { ...choice, name: 'lines', consumer: 'debezium' })).toThrow(PgscaleError);
  });
});

describe('refuseTables', () => {
  const table: StreamTable = {
    table: 'public.orders',
    isThere: true,
    isPartitioned: false,
    unidentified: [],
    isHidden: false,
  };
  const stream = {
    name: 'feed',
    plugin: 'pgoutput',
    database: 'app',
    role: 'cdc_feed',
    tables: ['public.orders'],
  } as const;

  it.each([
    ['a table that is missing', { ...table, isThere: false }, 'pgoutput', /has no table/u],
    ['no replica identity', { ...table, unidentified: ['public.orders'] }, 'pgoutput', /no primary key/u],
    [
      'a partition without a replica identity',
      { ...table, isPartitioned: true, unidentified: ['public.orders_2026_05'] },
      'pgoutput',
      /ALTER TABLE public\.orders_2026_05 REPLICA IDENTITY FULL/u,
    ],
    ['rows that the role may not see', { ...table, isHidden: true }, 'pgoutput', /BYPASSRLS/u],
    ['a partitioned table by wal2json', { ...table, isPartitioned: true }, 'wal2json', /is partitioned/u],
  ] satisfies [string, StreamTable, Stream['plugin'], RegExp][])('%s', (_what, found, plugin, expected) => {
    let why: string | undefined;
    try {
      refuseTables({ ...stream, plugin }, [found]);
    } catch (error) {
      why = (error as PgscaleError).why;
    }
    expect(why).toMatch(expected);
  });

  it('a partitioned table by pgoutput is fine', () => {
    expect(() => refuseTables(stream, [{ ...table, isPartitioned: true }])).not.toThrow();
  });
});
