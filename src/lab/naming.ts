import { createHash } from 'node:crypto';

import { PgscaleError } from '../errors/pgscale-error.ts';

/** What a lab may be called: it becomes part of a network interface, which the kernel limits to 15 characters. */
export const LAB_NAME = /^[a-z]([a-z0-9-]{0,9}[a-z0-9])?$/u;
/** What a host may be called: one DNS label (RFC 1123), lower case. */
export const HOST_NAME = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/u;

const BRIDGE_PREFIX = 'pgl-';
const GROUP_PREFIX = 'pgscale-lab-';
const TABLE_PREFIX = 'pgscale_lab_';
/** systemd-nspawn calls the machine's end of the cable `vb-MACHINE`, and an interface name has 15 characters. */
const MACHINE_LENGTH = 12;

/** The bridge that the lab's hosts are plugged into. */
export const bridgeName = (lab: string): string => BRIDGE_PREFIX + lab;
/** The nftables table (one in family `ip`, one in family `bridge`) that holds the lab's rules. */
export const tableName = (lab: string): string => TABLE_PREFIX + lab.replaceAll('-', '_');
/** The cgroup that holds one cgroup per host. */
export const groupName = (lab: string): string => GROUP_PREFIX + lab;
/** The DNS domain of the lab's hosts, in the top-level domain kept free for tests (RFC 6761). */
export const domainName = (lab: string): string => `${lab}.test`;

/** The name that systemd-nspawn knows a host by: short enough for its interface, different for every lab and host. */
export function machineName(lab: string, host: string): string {
  const plain = `${lab}-${host}`;
  // With a dash in its own name, the lab `a-b` with the host `c` would meet the lab `a` with the host `b-c`.
  if (plain.length <= MACHINE_LENGTH && !lab.includes('-')) return plain;
  const hash = createHash('sha256').update(`${lab} ${host}`).digest('hex').slice(0, 7);
  return `${lab.slice(0, 4).replaceAll('-', '')}-${hash}`;
}

/** The machine's end of a host's network cable. */
export const cableName = (lab: string, host: string): string => `vb-${machineName(lab, host)}`;

/** The lab that a bridge, a table or a cgroup belongs to; undefined when it is none of a lab. */
export function labOf(name: string): string | undefined {
  const prefix = [BRIDGE_PREFIX, GROUP_PREFIX, TABLE_PREFIX].find((candidate) => name.startsWith(candidate));
  const lab = prefix === undefined ? '' : name.slice(prefix.length).replaceAll('_', '-');
  return LAB_NAME.test(lab) ? lab : undefined;
}

/** @throws PgscaleError PGS_LAB_NAME for a name that no lab can have, such as one that leads out of its folder. */
export function requireLabName(lab: string): void {
  if (LAB_NAME.test(lab)) return;
  const why = 'at most 11 lower-case letters, digits and -, with a letter first: its bridge bears the name';
  throw new PgscaleError('PGS_LAB_NAME', { what: `a lab cannot be called ${JSON.stringify(lab)}`, why });
}

/** `pg1` to `pgN`. */
export const defaultHostNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `pg${index + 1}`);

/** A zone per host: the given ones, used round again when there are fewer, or `a`, `b`, `c` … */
export function zonesFor(count: number, given: readonly string[] = []): string[] {
  return Array.from({ length: count }, (_, index) =>
    given.length > 0 ? (given[index % given.length] ?? '') : String.fromCharCode('a'.charCodeAt(0) + index),
  );
}
