import { describe, expect, it } from 'vitest';

import { COMPONENTS } from '../../../src/components/index.ts';
import { specSchema } from '../../../src/spec/schema.ts';
import { resolveHosts } from '../../../src/spec/topology.ts';
import { endpointUrl } from '../../../src/spec/urls.ts';
import { targetOf } from '../../support/target.ts';

const spec = resolveHosts(
  specSchema.parse({
    cluster: 'six',
    hosts: [11, 12, 13].map((last, index) => ({ name: `pg${index + 1}`, address: `fd00:20::${last}` })),
    databases: [{ name: 'app', owner: 'app' }],
    roles: [{ name: 'app' }],
  }),
);
const target = targetOf(spec, 'pg1');

/** Lines with an IPv6 address of each file that is written on pg1. */
const lines = COMPONENTS.flatMap((component) => component.resources(target)).flatMap(({ rendered }) =>
  (rendered?.content ?? '').split('\n').filter((line) => line.includes('fd00:')),
);

describe('hosts with IPv6 addresses', () => {
  it('have brackets wherever a port follows, and nowhere else', () => {
    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) {
      for (const [found] of line.matchAll(/\[?fd00:20::\d+\]?(?::\d+)?/gu)) {
        expect(found, line).toMatch(/^(?:\[fd00:20::1[123]\]:\d+|fd00:20::1[123])$/u);
      }
    }
  });

  it.each([
    ['etcd', 'listen-peer-urls: "https://[fd00:20::11]:2380"'],
    ['Patroni', '  listen: "localhost,[fd00:20::11]:5432"'],
    ['pg_hba.conf', 'hostssl   postgres             pgscale_rewind fd00:20::12/128 scram-sha-256'],
    ['PgBouncer', 'listen_addr = fd00:20::11,127.0.0.1'],
    ['HAProxy', '    server pg3 [fd00:20::13]:5432 verifyhost pg3 check-sni pg3'],
  ])('are written as %s reads them', (_, line) => {
    expect(lines).toContain(line);
  });

  it('are in the URLs as libpq reads them', () => {
    expect(endpointUrl(spec, 'pool', { database: 'app', role: 'app', password: 'p' })).toBe(
      'postgres://app:p@[fd00:20::11]:6432,[fd00:20::12]:6432,[fd00:20::13]:6432/app?sslmode=require&connect_timeout=10',
    );
  });
});
