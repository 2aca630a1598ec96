import { readFile } from 'node:fs/promises';

/** What systemd-resolved asks itself, when it is the machine's resolver. */
const UPSTREAM = '/run/systemd/resolve/resolv.conf';
const DNS_PORT = 53;

/** How a host finds names. */
export interface Resolver {
  /** The text of the host's resolv.conf. */
  readonly text: string;
  readonly servers: readonly string[];
  /** The machine's own resolver listens on loopback only, so the gateway has to lead there. */
  readonly loopbackPorts: readonly number[];
}

/** The IPv4 servers in the text of a resolv.conf. */
export const serversIn = (text: string): string[] =>
  [...text.matchAll(/^nameserver\s+([\d.]+)\s*$/gmu)].map((match) => match[1] ?? '');

const isLoopback = (server: string): boolean => server.startsWith('127.');

/**
 * The resolver for the hosts: the machine's own servers; those behind systemd-resolved when the machine asks that; and
 * when all are on loopback, the gateway, which the lab's rules lead to the machine's resolver.
 */
export function resolverFor(machine: string, upstream: string, gateway: string): Resolver {
  const direct = [machine, upstream].map((text) => serversIn(text).filter((server) => !isLoopback(server)));
  const servers = direct.find((list) => list.length > 0) ?? [];
  const behindGateway = servers.length === 0 && serversIn(machine).length > 0;
  const chosen = behindGateway ? [gateway] : servers;
  const search = machine.split('\n').filter((line) => /^(search|options)\s/u.test(line));
  const text = [...chosen.map((server) => `nameserver ${server}`), ...search, ''].join('\n');
  return { text, servers: chosen, loopbackPorts: behindGateway ? [DNS_PORT] : [] };
}

/** The resolver of this machine, as its hosts see it. */
export async function machineResolver(gateway: string): Promise<Resolver> {
  const read = async (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  return resolverFor(await read('/etc/resolv.conf'), await read(UPSTREAM), gateway);
}
