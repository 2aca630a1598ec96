import { describe, expect, it } from 'vitest';

import { haproxy } from '../../../../src/components/haproxy/index.ts';
import { proxyOpenFiles, proxySettings } from '../../../../src/components/haproxy/settings.ts';
import { promotionIntervalMs, PROXY_TIMINGS } from '../../../../src/components/haproxy/timings.ts';
import { POOLER_TIMINGS } from '../../../../src/components/pgbouncer/timings.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { specOf, targetOf, VIPS } from '../../../support/target.ts';

const config = (spec: Spec, host: string): string =>
  renderTemplate('haproxy/haproxy.cfg', proxySettings(targetOf(spec, host)));

const SEPARATE = {
  hosts: [
    { name: 'pg1', address: '10.20.0.11', zone: 'a', roles: ['database', 'dcs'] },
    { name: 'pg2', address: '10.20.0.12', zone: 'b', roles: ['database', 'dcs'] },
    { name: 'dcs1', address: '10.20.0.13', roles: ['dcs'] },
    { name: 'proxy1', address: 'fd00::21', zone: 'a', roles: ['proxy'] },
  ],
};

describe('haproxy.cfg', () => {
  const cases: [string, Spec, string][] = [
    ['one host', specOf(1, { replication: { synchronous: 0 }, endpoints: { replicaFallsBackToPrimary: true } }), 'pg1'],
    ['three hosts', specOf(3), 'pg2'],
    ['three hosts with VIPs', specOf(3, { endpoints: VIPS }), 'pg1'],
    [
      'five hosts on other ports, over a WAN',
      specOf(5, {
        postgres: { port: 5433 },
        failover: { profile: 'wan', restPort: 8009 },
        endpoints: { primary: { port: 6000 }, replica: { port: 6001 }, replicaMaxLagMb: 64 },
      }),
      'pg5',
    ],
    ['a separate proxy', specOf(0, SEPARATE), 'proxy1'],
    ['a database host without the proxy role', specOf(0, SEPARATE), 'pg1'],
  ];
  it.each(cases)('%s', async (name, spec, host) => {
    await expect(config(spec, host)).toMatchFileSnapshot(`golden/${name.replaceAll(/\W+/gu, '-')}.cfg`);
  });

  it('binds only the VIP when there is one: PostgreSQL has the port of the host itself', () => {
    const text = config(specOf(3, { endpoints: VIPS }), 'pg1');
    expect(text).toContain('bind 10.20.0.100:5432 ');
    expect(text).not.toContain('bind 10.20.0.11:');
  });

  it('ends sessions on the primary backend only', () => {
    const backends = config(specOf(3), 'pg1')
      .split(/^backend /mu)
      .slice(1);
    const cutting = backends.filter(
      (each) => each.includes('shutdown-sessions\n    ') || /^ {4}default-server.*shutdown/mu.test(each),
    );
    expect(cutting.map((each) => each.split('\n')[0])).toEqual(['postgres_primary']);
  });

  it.each([
    ['its own first, then its zone', ['a', 'a', 'b'], ['pg2', 'pg1']],
    ['its own in a zone of its own', ['a', 'b', 'c'], ['pg2']],
    ['none where all are equally far', ['a', 'a', 'a'], []],
  ])('its poolers prefer standbys: %s', (_, zones, nearest) => {
    const hosts = zones.map((zone, index) => ({ name: `pg${index + 1}`, address: `10.20.0.${index + 11}`, zone }));
    const settings = proxySettings(targetOf(specOf(0, { hosts }), 'pg2'));
    expect(settings.nearest).toEqual(nearest);
    // Other clients of this proxy are spread over the standbys of its zone.
    expect(settings.sameZone.map(({ name }) => name)).toEqual(nearest.toSorted());
  });
});

describe('limits and timings', () => {
  it('asks for no more connections than the open files of the host allow', () => {
    const settings = proxySettings(targetOf(specOf(1), 'pg1', { openFilesMax: 2000 }));
    expect(proxyOpenFiles(settings)).toBeLessThanOrEqual(2000);
    expect(settings.maxConnections).toBe(750);
  });

  it.each(['fast', 'normal', 'wan'] as const)(
    '%s: a pooler waits longer than HAProxy holds and connects',
    (profile) => {
      const { holdMs, connectTimeoutMs } = PROXY_TIMINGS[profile];
      expect(POOLER_TIMINGS[profile].connectSeconds * 1000).toBeGreaterThan(holdMs + connectTimeoutMs);
    },
  );

  it.each([
    ['fast', 3, 300],
    ['fast', 5, 500],
    ['fast', 30, 1000],
    ['normal', 5, 1000],
    ['normal', 30, 2000],
  ])('%s: each of %i proxies asks a standby every %i ms whether it was promoted', (profile, count, ms) => {
    const spec = specOf(count, { failover: { profile } });
    expect(promotionIntervalMs(spec)).toBe(ms);
    const [primary] = /^backend postgres_primary$[^]*?^backend /mu.exec(config(spec, 'pg1')) ?? [];
    expect(primary).toContain(`default-server downinter ${ms}ms `);
  });

  it('reloads for a changed configuration, restarts only for a changed unit', () => {
    const told = haproxy
      .resources(targetOf(specOf(3), 'pg1'))
      .flatMap((each) => (each.notifies ?? []).map(({ how }) => `${each.id} ${how}`));
    expect(told).toEqual([
      'file:/etc/pgscale/haproxy/await-member.lua reload',
      'file:/etc/pgscale/haproxy/haproxy.cfg reload',
      'file:/etc/systemd/system/haproxy.service.d/pgscale.conf restart',
    ]);
  });
});
