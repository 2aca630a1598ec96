import { createHash, createHmac } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One line of known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly patterns: readonly string[];
  readonly keyType: string;
  /** Base64, as in the file. */
  readonly key: string;
  readonly isRevoked: boolean;
}

type HostKeyVerdict = 'known' | 'unknown' | 'changed';

/** The entries of a known_hosts file; comments and certificate authorities are left out. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/u);
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [hosts, keyType, key] = fields;
    if (hosts === undefined || hosts.startsWith('#') || keyType === undefined || key === undefined) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    return [{ patterns: hosts.split(','), keyType, key, isRevoked: marker === '@revoked' }];
  });
}

/** The name under which known_hosts has a host: `[address]:port` unless the port is 22. */
export function knownHostName(address: string, port: number): string {
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
}

/** The entries that speak of this host. */
export function entriesFor(entries: readonly KnownHost[], name: string): KnownHost[] {
  return entries.filter(({ patterns }) => {
    const [hash] = patterns;
    if (hash?.startsWith('|1|') === true) return matchesHash(hash, name);
    if (patterns.some((pattern) => pattern.startsWith('!') && matchesGlob(pattern.slice(1), name))) return false;
    return patterns.some((pattern) => matchesGlob(pattern, name));
  });
}

function matchesHash(hashed: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hashed.split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function matchesGlob(pattern: string, name: string): boolean {
  const source = pattern.toLowerCase().replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'u').test(name);
}

/**
 * Whether the key that a host shows may be trusted. A host that is known by keys of other types only counts as changed:
 * those types are offered first, so it would have shown one of them.
 */
export function verdict(entries: readonly KnownHost[], key: Buffer): HostKeyVerdict {
  if (entries.length === 0) return 'unknown';
  const base64 = key.toString('base64');
  const matching = entries.filter((entry) => entry.key === base64);
  return matching.length > 0 && !matching.some((entry) => entry.isRevoked) ? 'known' : 'changed';
}

const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/**
 * The host key algorithms to offer: first those of the keys that are known, as ssh(1) does, because a host that has
 * several keys would otherwise show another one, which looks like a change.
 */
export function hostKeyAlgorithms(entries: readonly KnownHost[]): (typeof ALGORITHMS)[number][] {
  const known = new Set(entries.map((entry) => entry.keyType));
  const isKnown = (algorithm: string): boolean => known.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}

/** `SHA256:…` as ssh-keygen prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/u, '')}`;
}

/** The type that a public key names itself (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** Reads a known_hosts file; one that is not there knows nobody. */
export async function readKnownHosts(path: string): Promise<KnownHost[]> {
  return parseKnownHosts(await textOf(path));
}

/** Appends a host's key, creating the file (0600) and its directory. */
export async function recordHostKey(path: string, name: string, key: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const before = await textOf(path);
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(path, `${separator}${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`, { mode: 0o600 });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
