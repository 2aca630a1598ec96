import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import {
  entriesFor,
  fingerprint,
  hostKeyAlgorithms,
  keyTypeOf,
  knownHostName,
  parseKnownHosts,
  readKnownHosts,
  recordHostKey,
  verdict,
} from '../../../src/host/known-hosts.ts';

const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS';
const OTHER = 'AAAAC3NzaC1lZDI1NTE5AAAAIDoqCo/d0LKKYOAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const key = Buffer.from(ED25519, 'base64');

function judge(text: string, address = '10.0.0.1', port = 22): string {
  return verdict(entriesFor(parseKnownHosts(text), knownHostName(address, port)), key);
}

function hashed(name: string): string {
  const salt = Buffer.from('0123456789abcdef0123');
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('known_hosts', () => {
  test.each([
    ['a plain address', `10.0.0.1 ssh-ed25519 ${ED25519} comment`, 'known'],
    ['one of several names', `pg1,10.0.0.1 ssh-ed25519 ${ED25519}`, 'known'],
    ['a wildcard', `10.0.0.? ssh-ed25519 ${ED25519}`, 'known'],
    ['a wildcard with an exception', `10.0.*,!10.0.0.1 ssh-ed25519 ${ED25519}`, 'unknown'],
    ['a hashed address', `${hashed('10.0.0.1')} ssh-ed25519 ${ED25519}`, 'known'],
    ['the hash of another address', `${hashed('10.0.0.2')} ssh-ed25519 ${ED25519}`, 'unknown'],
    ['a dot is no wildcard', `10x0.0.1 ssh-ed25519 ${ED25519}`, 'unknown'],
    ['another port', `[10.0.0.1]:2222 ssh-ed25519 ${ED25519}`, 'unknown'],
    ['a comment', `# 10.0.0.1 ssh-ed25519 ${ED25519}`, 'unknown'],
    ['an empty file', '', 'unknown'],
    ['another key', `10.0.0.1 ssh-ed25519 ${OTHER}`, 'changed'],
    ['an old key beside the right one', `10.0.0.1 ssh-ed25519 ${OTHER}\n10.0.0.1 ssh-ed25519 ${ED25519}`, 'known'],
    ['a key of another type only', '10.0.0.1 ssh-rsa AAAAB3NzaC1yc2E', 'changed'],
    ['a revoked key', `10.0.0.1 ssh-ed25519 ${ED25519}\n@revoked * ssh-ed25519 ${ED25519}`, 'changed'],
    ['a certificate authority is no host key', `@cert-authority 10.0.0.1 ssh-ed25519 ${OTHER}`, 'unknown'],
  ])('%s', (_, text, expected) => {
    expect(judge(text)).toBe(expected);
  });

  test('a port other than 22 is part of the name, also in a hash', () => {
    expect(judge(`[10.0.0.1]:2222 ssh-ed25519 ${ED25519}`, '10.0.0.1', 2222)).toBe('known');
    expect(judge(`${hashed('[pg1.example]:2222')} ssh-ed25519 ${ED25519}`, 'PG1.example', 2222)).toBe('known');
  });

  test('algorithms of known keys are offered first, RSA by its modern names', () => {
    expect(hostKeyAlgorithms(parseKnownHosts('h ssh-rsa AAAA')).slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
    expect(hostKeyAlgorithms([])[0]).toBe('ssh-ed25519');
  });

  test('names type and fingerprint as ssh-keygen does', () => {
    expect(keyTypeOf(key)).toBe('ssh-ed25519');
    expect(fingerprint(key)).toMatch(/^SHA256:[\w+/]{43}$/u);
  });

  test('records a key in a new file of its own, and after a line without a newline', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pgscale-known-'));
    try {
      const fresh = join(directory, 'ssh', 'known_hosts');
      await recordHostKey(fresh, '10.0.0.1', key);
      expect((await stat(fresh)).mode & 0o777).toBe(0o600);
      expect(verdict(entriesFor(await readKnownHosts(fresh), '10.0.0.1'), key)).toBe('known');

      const old = join(directory, 'old');
      await writeFile(old, 'pg9 ssh-rsa AAAA');
      await recordHostKey(old, '10.0.0.1', key);
      expect(await readFile(old, 'utf8')).toBe(`pg9 ssh-rsa AAAA\n10.0.0.1 ssh-ed25519 ${ED25519}\n`);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
