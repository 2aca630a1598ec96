import { readFile, writeFile } from 'node:fs/promises';

import type { LabDocument } from './document.ts';
import { withLock } from './lock.ts';

const HOSTS_FILE = '/etc/hosts';
/** Other labs hold it for milliseconds. */
const LOCK_WAIT_MS = 10_000;

const begin = (lab: string): string => `# BEGIN pgscale lab ${lab}`;
const end = (lab: string): string => `# END pgscale lab ${lab}`;

/** The lines that name a lab's hosts, its endpoints and its object store. */
export function hostsLines(lab: LabDocument): string[] {
  return [
    ...lab.hosts.map(({ address, fqdn, name }) => `${address} ${fqdn} ${name}.${lab.name}`),
    ...Object.entries(lab.vips).map(([endpoint, address]) => `${address} ${endpoint}.${lab.domain}`),
    `${lab.gateway} store.${lab.domain}`,
  ];
}

/** The file of names of one of the hosts: its peers also by their short names. */
export function hostsFileOf(lab: LabDocument): string {
  const names = lab.hosts.map(({ address, name }) => `${address} ${name}`);
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost', ...hostsLines(lab), ...names, ''].join('\n');
}

/** Puts the lab's marked block into a hosts file, in place of the one that is there; no lines remove the block. */
export function withBlock(text: string, lab: string, lines: readonly string[]): string {
  const rest: string[] = [];
  let inside = false;
  for (const line of text.split('\n')) {
    if (line === begin(lab)) inside = true;
    if (!inside) rest.push(line);
    if (line === end(lab)) inside = false;
  }
  while (rest.at(-1) === '') rest.pop();
  const block = lines.length === 0 ? [] : [begin(lab), ...lines, end(lab)];
  return [...rest, ...block, ''].join('\n');
}

/**
 * Makes this machine know the lab's names.
 *
 * @returns false when the file cannot be written; then only the addresses work.
 */
export const nameHosts = async (lab: LabDocument): Promise<boolean> => rewrite(lab.name, hostsLines(lab));

/** Takes the lab's names away again. */
export const forgetHosts = async (lab: string): Promise<boolean> => rewrite(lab, []);

/** The labs that have a block in the hosts file. */
export async function namedLabs(): Promise<string[]> {
  const text = await readFile(HOSTS_FILE, 'utf8').catch(() => '');
  return [...text.matchAll(/^# BEGIN pgscale lab (\S+)$/gmu)].map((match) => match[1] ?? '');
}

async function rewrite(lab: string, lines: readonly string[]): Promise<boolean> {
  try {
    await withLock('etc-hosts', async () => replaceBlock(lab, lines), LOCK_WAIT_MS);
    return true;
  } catch {
    return false;
  }
}

async function replaceBlock(lab: string, lines: readonly string[]): Promise<void> {
  const before = await readFile(HOSTS_FILE, 'utf8');
  const after = withBlock(before, lab, lines);
  // Written in place: where /etc/hosts is a bind mount (a container), it cannot be replaced by a rename.
  if (after !== before) await writeFile(HOSTS_FILE, after);
}
