import { readFile, writeFile } from 'node:fs/promises';

import { execa } from 'execa';
import { z } from 'zod';

import { bridgeName, cableName, tableName } from './naming.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

const linkSchema = z.looseObject({
  ifname: z.string(),
  master: z.string().optional(),
  flags: z.array(z.string()),
});
type Link = z.infer<typeof linkSchema>;

/** A lab's network as the machine has to make it. */
export interface LabNetwork {
  readonly lab: string;
  readonly cidr: string;
  readonly gateway: string;
  /** TCP and UDP ports on the machine's loopback that the hosts may reach at the gateway: a resolver, a proxy. */
  readonly loopbackPorts: readonly number[];
}

/** What a program prints as JSON; nothing when it is not installed, for then no lab was ever made with it. */
async function printed(program: string, args: string[]): Promise<string> {
  const { stdout, code, failed, message } = await execa(program, args, { reject: false });
  if (code === 'ENOENT') return '';
  if (failed) throw new Error(message);
  return stdout;
}

/** The network interfaces of this machine. */
export async function links(): Promise<Link[]> {
  const stdout = await printed('ip', ['-json', 'link', 'show']);
  return z.array(linkSchema).parse(JSON.parse(stdout === '' ? '[]' : stdout));
}

/** Makes the bridge, lets the hosts out through this machine's address, and installs the lab's rules. Can be repeated. */
export async function makeNetwork(network: LabNetwork): Promise<void> {
  const bridge = bridgeName(network.lab);
  if (!(await links()).some(({ ifname }) => ifname === bridge)) {
    const address = bridgeAddress(network.gateway);
    await execa('ip', ['link', 'add', bridge, 'address', address, 'type', 'bridge', 'forward_delay', '0']);
  }
  await execa('ip', ['address', 'replace', `${network.gateway}/24`, 'dev', bridge]);
  await execa('ip', ['link', 'set', bridge, 'up']);
  await writeFile(FORWARDING, '1');
  if (network.loopbackPorts.length > 0) await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
  await execa('nft', ['-f', '-'], { input: ruleset(network) });
}

/**
 * A locally administered address for the bridge. Without one of its own a bridge takes that of a port, and takes another
 * when that host goes away: then the hosts that live cannot reach the gateway for a minute or two (seen).
 */
export const bridgeAddress = (gateway: string): string =>
  ['02', '70', ...gateway.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':');

/** The lab's nftables tables. Adding and deleting first makes the text replace what is there (nft(8)). */
export function ruleset({ lab, cidr, gateway, loopbackPorts }: LabNetwork): string {
  const table = tableName(lab);
  const bridge = bridgeName(lab);
  const inwards = loopbackPorts.map(
    (port) =>
      `    iifname "${bridge}" ip daddr ${gateway} meta l4proto { tcp, udp } th dport ${port} dnat to 127.0.0.1`,
  );
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain prerouting {
    type nat hook prerouting priority dstnat;
${inwards.join('\n')}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${cidr} ip daddr != ${cidr} masquerade
  }
  chain forward {
    type filter hook forward priority mangle;
    iifname "${bridge}" tcp flags syn tcp option maxseg size set rt mtu
  }
}
table bridge ${table}
delete table bridge ${table}
table bridge ${table} {
  chain forward {
    type filter hook forward priority filter;
  }
}
`;
}

/** Takes the host's cable out, or plugs it in again. */
export async function setCable(lab: string, host: string, plugged: boolean): Promise<void> {
  await execa('ip', ['link', 'set', cableName(lab, host), plugged ? 'up' : 'down']);
}

/** Drops everything between two hosts, in both directions; the rest of the network stays. */
export async function cutPair(lab: string, host: string, other: string): Promise<void> {
  const [left, right] = [cableName(lab, host), cableName(lab, other)];
  const rule = (from: string, to: string): string =>
    `add rule bridge ${tableName(lab)} forward iifname "${from}" oifname "${to}" drop\n`;
  await execa('nft', ['-f', '-'], { input: rule(left, right) + rule(right, left) });
}

const rulesSchema = z.object({
  nftables: z.array(z.looseObject({ rule: z.looseObject({ handle: z.number(), expr: z.unknown() }).optional() })),
});

/** Takes back every `cutPair` of a host. @returns how many rules there were. */
export async function healPairs(lab: string, host: string): Promise<number> {
  const table = ['bridge', tableName(lab), 'forward'];
  const { stdout } = await execa('nft', ['--json', '--handle', 'list', 'chain', ...table]);
  const cable = JSON.stringify(cableName(lab, host));
  const rules = rulesSchema
    .parse(JSON.parse(stdout))
    .nftables.flatMap(({ rule }) => rule ?? [])
    .filter(({ expr }) => JSON.stringify(expr).includes(cable));
  for (const { handle } of rules) await execa('nft', ['delete', 'rule', ...table, 'handle', String(handle)]);
  return rules.length;
}

/** Removes what is left of a host's cable: the kernel takes it away a moment after the host's last process. */
export async function removeCable(lab: string, host: string): Promise<void> {
  await execa('ip', ['link', 'delete', cableName(lab, host)], { reject: false });
}

/** Removes the lab's cables, bridge and rules. Nothing there is no error. */
export async function removeNetwork(lab: string): Promise<void> {
  const bridge = bridgeName(lab);
  const names = (await links()).filter(({ ifname, master }) => master === bridge || ifname === bridge);
  for (const { ifname } of names)
    await execa('ip', ['link', 'delete', ifname.split('@')[0] ?? ifname], { reject: false });
  const tables = await nftTables();
  for (const { family, name } of tables.filter((table) => table.name === tableName(lab))) {
    await execa('nft', ['delete', 'table', family, name]);
  }
}

const tablesSchema = z.object({
  nftables: z.array(z.looseObject({ table: z.looseObject({ family: z.string(), name: z.string() }).optional() })),
});

/** All nftables tables of this machine. */
export async function nftTables(): Promise<{ family: string; name: string }[]> {
  const stdout = await printed('nft', ['--json', 'list', 'tables']);
  return tablesSchema
    .parse(JSON.parse(stdout === '' ? '{"nftables":[]}' : stdout))
    .nftables.flatMap(({ table }) => table ?? []);
}

/** Whether this machine forwards packets between its interfaces. */
export const forwards = async (): Promise<boolean> => (await readFile(FORWARDING, 'utf8')).trim() === '1';

/** Switches forwarding off again, as it was before the first lab. */
export const stopForwarding = async (): Promise<void> => writeFile(FORWARDING, '0');
