import type { HostSpec, Spec } from '../schema.ts';
import { endpoint, type EndpointName } from '../topology.ts';
import type { Path } from '../problem.ts';
import { type Finding, repeated, type Rule } from './rule.ts';

const NAMES: readonly EndpointName[] = ['primary', 'replica', 'pool'];

/** A VIP moves between hosts, so it can be neither a host's own address nor that of another endpoint. */
export const distinctVips: Rule = ({ endpoints, hosts }) => {
  const vips = NAMES.map((name) => endpoints[name].vip);
  const findings: Finding[] = repeated(vips).map(({ text, index, first }) => ({
    path: ['endpoints', NAMES[index] ?? '', 'vip'],
    message: `${text} is the vip of ${NAMES[first] ?? ''} already; every endpoint needs one of its own`,
  }));
  for (const [index, vip] of vips.entries()) {
    const owner = hosts.find((host) => host.address === vip || host.sshAddress === vip);
    if (vip === undefined || owner === undefined) continue;
    findings.push({
      path: ['endpoints', NAMES[index] ?? '', 'vip'],
      message: `${vip} is the address of ${owner.name}; expected an address that no machine has`,
    });
  }
  return findings;
};

/** Something that listens on a host. `on` is a VIP, or undefined for the host's own address. */
interface Listener {
  readonly what: string;
  readonly port: number;
  readonly on?: string | undefined;
  readonly path: Path;
  readonly advice?: string;
}

/** Two programs on one host cannot listen on one port of one address. */
export const distinctPorts: Rule = (spec) => {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const host of spec.hosts) {
    const listeners = listenersOf(spec, host);
    for (const [index, later] of listeners.entries()) {
      const earlier = listeners.slice(0, index).find((each) => each.port === later.port && each.on === later.on);
      if (earlier === undefined || seen.has(`${later.what}|${earlier.what}`)) continue;
      seen.add(`${later.what}|${earlier.what}`);
      const message = `${later.what} cannot listen on port ${later.port} of ${host.name}: ${earlier.what} does${later.advice ?? ''}`;
      findings.push({ path: later.path, message });
    }
  }
  return findings;
};

function listenersOf(spec: Spec, host: HostSpec): Listener[] {
  const { postgres, failover, dcs } = spec;
  const database: Listener[] = [
    { what: 'PostgreSQL', port: postgres.port, path: ['postgres', 'port'] },
    { what: "Patroni's REST API", port: failover.restPort, path: ['failover', 'restPort'] },
    { what: 'PgBouncer', port: endpoint(spec, 'pool').port, path: ['endpoints', 'pool', 'port'] },
  ];
  const etcd: Listener[] = [
    { what: 'etcd (clients)', port: dcs.clientPort, path: ['dcs', 'clientPort'] },
    { what: 'etcd (peers)', port: dcs.peerPort, path: ['dcs', 'peerPort'] },
  ];
  const proxy = (['primary', 'replica'] as const).map((name): Listener => {
    const { port, vip } = endpoint(spec, name);
    const advice = vip === undefined ? '; choose another port, or give the endpoint a vip' : '';
    return { what: `HAProxy (${name})`, port, on: vip, path: ['endpoints', name, 'port'], advice };
  });
  return [
    { what: 'sshd', port: spec.ssh.port, path: ['ssh', 'port'] },
    ...(host.roles.includes('database') ? database : []),
    ...(host.roles.includes('dcs') ? etcd : []),
    ...(host.roles.includes('proxy') ? proxy : []),
  ];
}
