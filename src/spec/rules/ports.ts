import { type Listener, listenersOf, LOOPBACK } from '../listeners.ts';
import type { Spec } from '../schema.ts';
import type { EndpointName } from '../topology.ts';
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

/** Two programs on one host cannot listen on one port of one address. */
export const distinctPorts: Rule = (spec) => {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const host of spec.hosts) {
    // Those that the spec does not place are first, since only of the others it can say something else.
    const isPlaced = ({ path }: Listener): number => (path === undefined ? 0 : 1);
    const listeners = [sshd(spec), ...listenersOf(spec, host)].toSorted((a, b) => isPlaced(a) - isPlaced(b));
    for (const [index, later] of listeners.entries()) {
      const earlier = listeners
        .slice(0, index)
        .find((each) => each.port === later.port && address(each) === address(later));
      if (earlier === undefined || later.path === undefined) continue;
      if (seen.has(`${later.what}|${earlier.what}`)) continue;
      seen.add(`${later.what}|${earlier.what}`);
      const message = `${later.what} cannot listen on port ${later.port} of ${host.name}: ${earlier.what} does${later.advice ?? ''}`;
      findings.push({ path: later.path, message });
    }
  }
  return findings;
};

/** Who listens on the address of the host listens on 127.0.0.1, too, with few exceptions. */
function address({ on }: Listener): string | undefined {
  return on === LOOPBACK ? undefined : on;
}

function sshd({ ssh }: Spec): Listener {
  return { what: 'sshd', port: ssh.port, process: 'sshd', path: ['ssh', 'port'] };
}
