import { HAPROXY } from './layout.ts';
import type { Path } from './problem.ts';
import type { HostSpec, Spec } from './schema.ts';
import { endpoint } from './topology.ts';

/** Something of pgscale that listens on a host. */
export interface Listener {
  /** What messages call it. */
  readonly what: string;
  readonly port: number;
  /** A VIP, or `LOOPBACK`; undefined for the host's own address, where most listen for the programs of the host, too. */
  readonly on?: string | undefined;
  /** The name of the process, as the kernel has it. */
  readonly process: string;
  /** Where the spec says which port; undefined for one that is always the same. */
  readonly path?: Path;
  readonly advice?: string;
}

/** Where nobody but the host itself comes. */
export const LOOPBACK = '127.0.0.1';

/** All ports that the components take on a host; pure. A component that listens has its line here. */
export function listenersOf(spec: Spec, host: HostSpec): Listener[] {
  return [
    ...(host.roles.includes('database') ? database(spec) : []),
    ...(host.roles.includes('dcs') ? dcs(spec) : []),
    ...(host.roles.includes('proxy') ? proxy(spec) : []),
  ];
}

function database(spec: Spec): Listener[] {
  const { postgres, failover } = spec;
  return [
    ...Object.values(HAPROXY.localPorts).map((port) => ({
      what: "HAProxy (for the host's poolers)",
      port,
      on: LOOPBACK,
      process: 'haproxy',
    })),
    { what: 'PostgreSQL', port: postgres.port, process: 'postgres', path: ['postgres', 'port'] },
    { what: "Patroni's REST API", port: failover.restPort, process: 'patroni', path: ['failover', 'restPort'] },
    {
      what: 'PgBouncer',
      port: endpoint(spec, 'pool').port,
      process: 'pgbouncer',
      path: ['endpoints', 'pool', 'port'],
    },
    ...(spec.backup === undefined
      ? []
      : [{ what: 'pgBackRest', port: spec.backup.port, process: 'pgbackrest', path: ['backup', 'port'] }]),
  ];
}

function dcs({ dcs: { clientPort, peerPort } }: Spec): Listener[] {
  return [
    { what: 'etcd (clients)', port: clientPort, process: 'etcd', path: ['dcs', 'clientPort'] },
    { what: 'etcd (peers)', port: peerPort, process: 'etcd', path: ['dcs', 'peerPort'] },
  ];
}

function proxy(spec: Spec): Listener[] {
  return (['primary', 'replica'] as const).map((name) => {
    const { port, vip } = endpoint(spec, name);
    const advice = vip === undefined ? '; choose another port, or give the endpoint a vip' : '';
    return {
      what: `HAProxy (${name})`,
      port,
      on: vip,
      process: 'haproxy',
      path: ['endpoints', name, 'port'],
      advice,
    };
  });
}
