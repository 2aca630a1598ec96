import { type Listener, listenersOf } from '../listeners.ts';
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
    const listeners = [sshd(spec), ...listenersOf(spec, host)];
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

function sshd({ ssh }: Spec): Listener {
  return { what: 'sshd', port: ssh.port, process: 'sshd', path: ['ssh', 'port'] };
}
