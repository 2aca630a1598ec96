import { createHash } from 'node:crypto';

import { execa } from 'execa';
import { z } from 'zod';

import { PgscaleError } from '../errors/pgscale-error.ts';

/** A lab's network: always a /24, written as its first three octets (`10.77.12`). */
export interface Subnet {
  readonly prefix: string;
  readonly cidr: string;
  readonly gateway: string;
}

const RANGE = '10.77';
const FIRST_HOST = 11;
const FIRST_VIP = 201;

/** An inclusive range of IPv4 addresses as numbers. */
interface Block {
  readonly first: number;
  readonly last: number;
}

/** The network `A.B.C.0/24`; undefined when the text is not one in a private range (RFC 1918). */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^((?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d{1,3})\.0\/24$/u.exec(text);
  const prefix = match?.[1];
  if (prefix === undefined || prefix.split('.').some((octet) => Number(octet) > 255)) return undefined;
  return { prefix, cidr: `${prefix}.0/24`, gateway: `${prefix}.1` };
}

/** The address of the n-th host, counted from 0. */
export const hostAddress = (subnet: Subnet, index: number): string => `${subnet.prefix}.${FIRST_HOST + index}`;

/** The three addresses that no host has, for the endpoints. */
export const endpointAddresses = (subnet: Subnet): { primary: string; replica: string; pool: string } => ({
  primary: `${subnet.prefix}.${FIRST_VIP}`,
  replica: `${subnet.prefix}.${FIRST_VIP + 1}`,
  pool: `${subnet.prefix}.${FIRST_VIP + 2}`,
});

/**
 * The first /24 of the lab range that touches none of the networks in use. The search starts at a place derived from the
 * lab's name, so that a lab gets the same network again and two labs started at once hardly ever want the same one.
 */
export function chooseSubnet(lab: string, used: readonly string[]): Subnet | undefined {
  const start = createHash('sha256').update(lab).digest().readUInt8(0);
  const blocks = used.flatMap((network) => parseBlock(network) ?? []);
  for (let step = 0; step < 256; step += 1) {
    const subnet = parseSubnet(`${RANGE}.${(start + step) % 256}.0/24`);
    if (subnet !== undefined && !overlapsAny(subnet.cidr, blocks)) return subnet;
  }
  return undefined;
}

/** Whether a network touches one of the networks in use. */
export const isTaken = (cidr: string, used: readonly string[]): boolean =>
  overlapsAny(
    cidr,
    used.flatMap((network) => parseBlock(network) ?? []),
  );

function overlapsAny(cidr: string, blocks: readonly Block[]): boolean {
  const own = parseBlock(cidr);
  return own !== undefined && blocks.some((block) => block.first <= own.last && own.first <= block.last);
}

function parseBlock(network: string): Block | undefined {
  const [address = '', bits = '32'] = network.split('/');
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet))) return undefined;
  const size = 2 ** (32 - Number(bits));
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}

const routesSchema = z.array(z.looseObject({ dst: z.string().optional() }));

/** The networks that this machine has routes to (the default route aside) and the servers that it asks for names. */
export async function networksInUse(resolvers: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('ip', ['-4', '-json', 'route', 'show', 'table', 'all']);
  const routes = routesSchema.parse(JSON.parse(stdout === '' ? '[]' : stdout));
  return [...routes.flatMap(({ dst }) => (dst === undefined || dst === 'default' ? [] : [dst])), ...resolvers];
}

/** @throws PgscaleError PGS_LAB_SUBNET when the wanted network, or every network of the range, is in use. */
export function subnetFor(lab: string, wanted: string | undefined, used: readonly string[]): Subnet {
  const subnet = wanted === undefined ? chooseSubnet(lab, used) : parseSubnet(wanted);
  if (subnet !== undefined && !isTaken(subnet.cidr, used)) return subnet;
  throw new PgscaleError('PGS_LAB_SUBNET', {
    what: `the network ${wanted ?? `${RANGE}.0.0/16`} cannot be used for the lab ${lab}`,
    why: subnet === undefined ? 'it is no private /24, or none is free' : 'this machine has a route that overlaps it',
  });
}
