import type { HostFacts } from '../host/facts.ts';
import { canonicalAddress } from '../spec/address.ts';
import type { HostSpec } from '../spec/schema.ts';
import { error, type Check, type Verdict } from './check.ts';

/** Loopback and link-local: no other host comes by these. */
const OWN_ONLY = /^(?:127\.|169\.254\.|::1$|fe80:)/u;

/** The host has the address that the spec gives it: etcd, Patroni and PostgreSQL listen there, and announce it. */
export const address: Check = {
  id: 'address',
  title: 'The host has its address',
  run: async (_, { host, facts }) => addressVerdicts(host, facts),
};

/** Whether an interface has the address; pure. */
export function addressVerdicts(host: HostSpec, { addresses }: Pick<HostFacts, 'addresses'>): Verdict[] {
  // Without iproute2, which the first `apply` installs, a host does not tell.
  if (addresses.length === 0 || addresses.some((each) => canonicalAddress(each) === canonicalAddress(host.address))) {
    return [];
  }
  const there = addresses.filter((each) => !OWN_ONLY.test(each));
  return [
    error(
      'address-not-there',
      `no interface has the address ${host.address}, where the services of the cluster would listen; it has ${there.join(', ') || 'none but its own loopback'}`,
      `Set \`address\` of ${host.name} in the spec to one of these, and \`sshAddress\` to ${host.sshAddress} if only that leads there (NAT). If they are not the addresses of ${host.name}, another machine answers: correct the address.`,
    ),
  ];
}
