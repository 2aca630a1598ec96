import type { GuardSettings } from '../../agent/guard/settings.ts';
import { PATRONI } from '../../spec/layout.ts';
import { leaseSeconds } from '../../spec/lease.ts';
import { etcdAccess, etcdClientUrl, patroniAccess, psqlAccess } from '../../spec/services.ts';
import { dataDirectory } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { GUARD_TIMINGS, TICK_MS } from './timings.ts';

/** What the guard of this host is told. Pure. */
export function guardSettings({ spec, host, secrets }: Target): GuardSettings {
  const leaseMs = leaseSeconds(spec) * 1000;
  return {
    member: host.name,
    dataDirectory: dataDirectory(spec),
    unit: PATRONI.unit,
    etcd: etcdAccess(spec, host),
    ...(host.roles.includes('dcs') ? { ownEtcdUrl: etcdClientUrl(spec, host) } : {}),
    rest: { ...patroniAccess(spec, host), user: PATRONI.restUser, password: secrets.passwords.patroniRest },
    psql: psqlAccess(spec),
    timings: {
      ...GUARD_TIMINGS[spec.failover.profile],
      tickMs: TICK_MS,
      lookMs: 2000,
      steadyMs: 10_000,
      blindMs: leaseMs / 2,
      leaseMs: leaseMs * 1.5,
    },
  };
}
