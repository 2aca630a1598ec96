import { hostsWithRole } from '../topology.ts';
import { type Finding, repeated, type Rule } from './rule.ts';

/** Two hosts must differ in name and in address. */
export const distinctHosts: Rule = ({ hosts }) => {
  const names = repeated(hosts.map((host) => host.name));
  const addresses = repeated(hosts.map((host) => host.address));
  const sshAddresses = repeated(hosts.map((host) => (host.sshAddress === host.address ? undefined : host.sshAddress)));
  const nameOf = (index: number) => hosts[index]?.name ?? '';
  return [
    ...names.map(({ text, index }) => ({
      path: ['hosts', index, 'name'],
      message: `another host is called ${text} already; every host needs a name of its own`,
    })),
    ...addresses.map(({ text, index, first }) => ({
      path: ['hosts', index, 'address'],
      message: `${text} is the address of ${nameOf(first)} already; every host needs an address of its own`,
    })),
    ...sshAddresses.map(({ text, index, first }) => ({
      path: ['hosts', index, 'sshAddress'],
      message: `${text} leads to ${nameOf(first)} already`,
    })),
  ];
};

/** etcd needs a majority: two members survive no more failures than one, four no more than three. */
export const oddDcs: Rule = (spec) => {
  const dcs = hostsWithRole(spec, 'dcs').map((host) => host.name);
  if (dcs.length % 2 === 1) return [];
  const message =
    dcs.length === 0
      ? 'no host has the role dcs; Patroni needs one, three or five of them'
      : `${dcs.length} hosts have the role dcs (${dcs.join(', ')}); an even number survives no more failures than one less, so give it to 1, 3 or 5`;
  return [{ path: ['hosts'], message, at: 'key' }];
};

/** A cluster without a database host is none, and without a proxy nothing serves `primary` and `replica`. */
export const neededRoles: Rule = (spec) => {
  const findings: Finding[] = [];
  if (hostsWithRole(spec, 'database').length === 0) {
    findings.push({ path: ['hosts'], message: 'no host has the role database', at: 'key' });
  }
  if (hostsWithRole(spec, 'proxy').length === 0) {
    findings.push({
      path: ['hosts'],
      message: 'no host has the role proxy; the endpoints primary and replica need at least one',
      at: 'key',
    });
  }
  return findings;
};

/**
 * Writes must not hang on every standby at once: the synchronous ones are fewer than the standbys. A cluster of two hosts
 * may have its one standby synchronous, unless strict; docs/decisions/two-hosts.md says why.
 */
export const enoughStandbys: Rule = (spec) => {
  const standbys = hostsWithRole(spec, 'database').length - 1;
  const { synchronous, strict } = spec.replication;
  if (synchronous > 0 && synchronous > standbys) {
    const message = `${synchronous} synchronous ${synchronous === 1 ? 'standby' : 'standbys'} wanted, but ${String(Math.max(standbys, 0))} of the hosts can be one`;
    return [{ path: ['replication', 'synchronous'], message }];
  }
  if (synchronous > 0 && synchronous === standbys && (standbys > 1 || strict)) {
    const message =
      standbys === 1
        ? 'strict with one standby stops all writes as soon as that standby is down; expected strict: false, or another database host'
        : `all ${standbys} standbys would be synchronous, so that writes wait as soon as one of them is down; expected ${standbys - 1} or less`;
    return [{ path: ['replication', 'synchronous'], message }];
  }
  if (strict && synchronous === 0) {
    return [{ path: ['replication', 'strict'], message: 'strict needs at least one synchronous standby' }];
  }
  return [];
};
