import { describe, expect, it } from 'vitest';

import { guardSettings } from '../../../src/components/agent/settings.ts';
import { proxySettings } from '../../../src/components/haproxy/settings.ts';
import { kernelSettings } from '../../../src/components/os/settings.ts';
import { sharedConfig } from '../../../src/components/patroni/shared-config.ts';
import { poolerSettings } from '../../../src/components/pgbouncer/settings.ts';
import { configurationFile } from '../../../src/components/postgres/settings.ts';
import { renderTemplate } from '../../../src/resources/template.ts';
import { specOf, targetOf } from '../../support/target.ts';

type Profile = 'fast' | 'normal' | 'wan';

/** All that the hosts are told under a profile, as text. */
function told(profile: Profile): string {
  const spec = specOf(3, { failover: { profile } });
  const target = targetOf(spec, 'pg1', { interface: 'eth0' });
  const shared = Object.entries(sharedConfig(spec)).map(([key, value]) => `${key} = ${String(value)}`);
  const guard = Object.entries(guardSettings(target).timings).map(([key, value]) => `guard ${key} = ${value}`);
  const kernel = Object.entries(kernelSettings(target)).map(([key, value]) => `${key} = ${value}`);
  return [
    ...shared,
    ...guard,
    ...kernel,
    renderTemplate('haproxy/haproxy.cfg', proxySettings(target)),
    renderTemplate('pgbouncer/pgbouncer.ini', { ...poolerSettings(target), authDatabase: '', authQuery: '' }),
    renderTemplate('postgres/postgresql.conf', configurationFile(target)),
  ].join('\n');
}

const TEXTS = { fast: told('fast'), normal: told('normal'), wan: told('wan') };

/** What one setting has to set together. */
const ITEMS: [string, RegExp][] = [
  ['Patroni: ttl', /^ttl = (\d+)/mu],
  ['Patroni: retry_timeout', /^retry_timeout = (\d+)/mu],
  ['Patroni: loop_wait', /^loop_wait = (\d+)/mu],
  ['Patroni: primary_start_timeout', /^primary_start_timeout = (\d+)/mu],
  ['Patroni: primary_stop_timeout', /^primary_stop_timeout = (\d+)/mu],
  ['kernel: a neighbour that is off', /neigh.*retrans_time_ms = (\d+)/mu],
  ['guard: a crashed postmaster', /^guard postmasterMs = (\d+)/mu],
  ['guard: Patroni away', /^guard patroniMs = (\d+)/mu],
  ['guard: a lease that ends', /^guard leaseFloorSeconds = (\d+)/mu],
  ['HAProxy: check interval', /default-server inter (\d+)ms/u],
  ['HAProxy: interval in a change', /fastinter (\d+)ms/u],
  ['HAProxy: check timeout', /timeout check (\d+)ms/u],
  ['HAProxy: connect timeout', /timeout connect (\d+)ms/u],
  ['HAProxy: hold', /inspect-delay (\d+)ms/u],
  ['HAProxy: user timeout to members', /rise \d+ tcp-ut (\d+)ms/u],
  ['HAProxy: user timeout to clients', /bind \S+ tcp-ut (\d+)ms/u],
  ['HAProxy: keepalive to members', /srvtcpka-idle (\d+)s/u],
  ['HAProxy: keepalive to clients', /clitcpka-idle (\d+)s/u],
  ['PgBouncer: login retry', /^server_login_retry = ([\d.]+)/mu],
  ['PgBouncer: a query waits', /^query_wait_timeout = (\d+)/mu],
  ['PgBouncer: connect timeout', /^server_connect_timeout = (\d+)/mu],
  ['PgBouncer: keepalive', /^tcp_keepidle = (\d+)/mu],
  ['PgBouncer: user timeout', /^tcp_user_timeout = (\d+)$/mu],
  ['PostgreSQL: wal_sender_timeout', /^wal_sender_timeout = '(\d+)ms'/mu],
  ['PostgreSQL: wal_receiver_timeout', /^wal_receiver_timeout = '(\d+)ms'/mu],
  ['PostgreSQL: keepalive', /^tcp_keepalives_idle = (\d+)/mu],
  ['PostgreSQL: user timeout', /^tcp_user_timeout = '(\d+)ms'/mu],
  ['kernel: keepalive', /^net\.ipv4\.tcp_keepalive_time = (\d+)/mu],
];

describe('failover.profile', () => {
  it.each(ITEMS)('%s: more patience from fast to wan', (_, pattern) => {
    const [fast, normal, wan] = (['fast', 'normal', 'wan'] as const).map((profile) =>
      Number(pattern.exec(TEXTS[profile])?.[1]),
    ) as [number, number, number];
    expect(fast).toBeLessThanOrEqual(normal);
    expect(normal).toBeLessThanOrEqual(wan);
    // loop_wait is 10 in all of them: docs/decisions/failover-timings.md
    if (!pattern.source.includes('loop_wait')) expect(wan).toBeGreaterThan(fast);
  });
});
