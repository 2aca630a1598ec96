import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';

/** How this machine gets Debian's packages; the hosts do it in the same way. */
export interface MachineApt {
  /** The base address of a Debian mirror, without a slash at the end. */
  readonly mirror: string;
  /** Proxies of apt, by the scheme that they are for. */
  readonly proxies: Readonly<Partial<Record<'http' | 'https', string>>>;
}

const TARGETS = ['$(REPO_URI)', '$(LABEL)', '$(CREATED_BY)'].join(' ');

/**
 * The Debian mirror among apt's index targets (apt-get(8) indextargets), one `URI LABEL CREATED_BY` a line. The label is
 * only known once the lists were fetched; before that, an address that ends in /debian is taken for one.
 */
export function findMirror(targets: string): string | undefined {
  const lines = targets.split('\n').map((line) => line.split(' '));
  const packages = lines.filter((fields) => fields.at(-1) === 'Packages');
  const labelled = packages.find((fields) => fields.slice(1, -1).join(' ') === 'Debian');
  const named = packages.find(([uri = '']) => /\/debian\/?$/u.test(uri));
  return (labelled ?? named)?.[0]?.replace(/\/+$/u, '');
}

/** The proxies in what `apt-config dump` prints. `DIRECT` means none (apt-transport-http(1)). */
export function findProxies(dump: string): MachineApt['proxies'] {
  const proxies: Partial<Record<'http' | 'https', string>> = {};
  for (const [, scheme, url] of dump.matchAll(/^Acquire::(https?)::[Pp]roxy "([^"]+)";$/gmu)) {
    if (url !== undefined && url !== 'DIRECT') proxies[scheme === 'https' ? 'https' : 'http'] = url;
  }
  return proxies;
}

/**
 * Reads this machine's apt settings; PGSCALE_LAB_MIRROR names another mirror.
 *
 * @throws PgscaleError PGS_LAB_MIRROR when no Debian mirror is among them.
 */
export async function machineApt(): Promise<MachineApt> {
  const { http_proxy: http, https_proxy: https } = process.env;
  const { stdout: dump } = await execa('apt-config', ['dump']);
  const { stdout: targets } = await execa('apt-get', ['indextargets', '--format', TARGETS]);
  const mirror = process.env['PGSCALE_LAB_MIRROR'] ?? findMirror(targets);
  if (mirror === undefined) {
    throw new PgscaleError('PGS_LAB_MIRROR', { what: 'apt on this machine has no Debian mirror' });
  }
  const environment = { ...(http === undefined ? {} : { http }), ...(https === undefined ? {} : { https }) };
  return { mirror, proxies: { ...environment, ...findProxies(dump) } };
}

/** What a host has to write in place of an address on the machine's own loopback, and the port that leads there. */
export function seenFromHost(address: string, gateway: string): { url: string; loopbackPort?: number } {
  const url = new URL(address);
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(url.hostname)) return { url: address };
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  url.hostname = gateway;
  return { url: url.href.replace(/\/$/u, ''), loopbackPort: port };
}
