import { describe, expect, it } from 'vitest';

import { interruptions, upgradePlan, type HostPackages } from '../../../src/operations/upgrade/plan.ts';
import type { Service } from '../../../src/operations/upgrade/services.ts';

const PACKAGES = new Map<Service, readonly string[]>([
  ['etcd', ['etcd-server', 'etcd-client']],
  ['postgres', ['postgresql-18']],
  ['pgbouncer', ['pgbouncer']],
]);

interface Sketch {
  readonly isPrimary?: boolean;
  readonly isMember?: boolean;
  /** Installed and candidate, by package. */
  readonly versions?: Record<string, [string, string | undefined]>;
  readonly stale?: Service[];
}

function found(host: string, { isPrimary = false, isMember = true, versions = {}, stale = [] }: Sketch): HostPackages {
  const entries = Object.entries(versions).map(
    ([name, [installed, candidate]]) => [name, { installed, candidate }] as const,
  );
  return { host, isPrimary, isMember, packages: PACKAGES, versions: new Map(entries), stale: new Set(stale) };
}

const newer = { 'postgresql-18': ['18.1-1', '18.2-1'] } as Record<string, [string, string]>;

describe('upgrade plan', () => {
  it('takes hosts without a member first, then the standbys, the primary last', () => {
    const plan = upgradePlan([
      found('pg1', { isPrimary: true, versions: newer }),
      found('pg2', { versions: newer }),
      found('dcs1', { isMember: false, versions: { 'etcd-server': ['3.5.1', '3.5.2'] } }),
    ]);
    expect(plan.hosts.map(({ host }) => host)).toEqual(['dcs1', 'pg2', 'pg1']);
    expect(plan.hosts[1]).toMatchObject({
      packages: [{ name: 'postgresql-18', from: '18.1-1', to: '18.2-1' }],
      restarts: ['postgres'],
    });
    expect(plan.hasSwitchover).toBe(true);
  });

  it('is empty when every host has what apt offers, or apt offers nothing', () => {
    const same = { 'postgresql-18': ['18.1-1', '18.1-1'], pgbouncer: ['1.26', undefined] } as Sketch['versions'];
    expect(upgradePlan([found('pg1', { isPrimary: true, ...(same && { versions: same }) })]).hosts).toEqual([]);
  });

  it('restarts what an earlier run installed and was cut off before it restarted', () => {
    const plan = upgradePlan([found('pg1', { isPrimary: true }), found('pg2', { stale: ['postgres', 'etcd'] })]);
    expect(plan.hosts).toEqual([{ host: 'pg2', isPrimary: false, packages: [], restarts: ['etcd', 'postgres'] }]);
    expect(plan.hasSwitchover).toBe(false);
  });

  it('moves no primary for what does not restart PostgreSQL, nor where there is nobody to move to', () => {
    const other = { 'etcd-server': ['1', '2'] } as Record<string, [string, string]>;
    expect(upgradePlan([found('pg1', { isPrimary: true, versions: other }), found('pg2', {})]).hasSwitchover).toBe(
      false,
    );
    const alone = upgradePlan([found('pg1', { isPrimary: true, versions: newer })]);
    expect(alone.hasSwitchover).toBe(false);
    expect(interruptions(alone)).toEqual(['writes stop while the primary restarts']);
  });

  it('says who is disconnected', () => {
    const pooler = { pgbouncer: ['1.26.1', '1.26.2'] } as Record<string, [string, string]>;
    expect(interruptions(upgradePlan([found('pg2', { versions: pooler })]))).toEqual([
      'clients of the pool on pg2 are disconnected after their transaction',
    ]);
  });
});
