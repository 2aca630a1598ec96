import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { LocalHost } from '../../../src/host/local-host.ts';
import { certificateProblem, readCertificateState } from '../../../src/resources/certificate-state.ts';
import { certificate, type CertificateFiles } from '../../../src/resources/certificate.ts';
import { converge } from '../../../src/resources/converge.ts';
import type { Resource } from '../../../src/resources/resource.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../../src/spec/authority.ts';

const DAY_MS = 86_400_000;
const NAMES = ['pg1', '10.20.0.11', 'fd00::11', 'localhost', 'Primary.Example.org'];

describe('certificate', () => {
  const host = new LocalHost('pg1');
  let directory: string;
  let files: CertificateFiles;
  let authority: KeyPair;
  const wanted = (names: readonly string[] = NAMES, by = authority): Resource =>
    certificate({ files, commonName: 'pg1', names, authority: by, group: 'root' });
  const summary = async (resource: Resource): Promise<string | undefined> =>
    resource.diff(await resource.read(host))?.summary;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pgscale-certificate-'));
    const at = (name: string): string => join(directory, name);
    files = { ca: at('ca.crt'), certificate: at('host.crt'), key: at('host.key'), bundle: at('host.pem') };
    authority = await createAuthority('orders');
    await converge(host, [wanted()]);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is issued once, and is as it should be from then on', async () => {
    const before = await readFile(files.certificate, 'utf8');
    expect((await converge(host, [wanted()])).changed).toEqual([]);
    expect(await readFile(files.certificate, 'utf8')).toBe(before);
  });

  it('convinces openssl, for a server and for a client', () => {
    for (const purpose of ['sslserver', 'sslclient']) {
      const answer = execFileSync('openssl', ['verify', '-purpose', purpose, '-CAfile', files.ca, files.certificate]);
      expect(String(answer)).toContain('OK');
    }
    const names = String(
      execFileSync('openssl', ['x509', '-in', files.certificate, '-noout', '-ext', 'subjectAltName']),
    );
    expect(names).toContain('IP Address:10.20.0.11');
    expect(names).toContain('DNS:pg1');
  });

  it('lets only the group read the key', async () => {
    expect((await stat(files.key)).mode & 0o777).toBe(0o640);
    expect((await stat(files.bundle)).mode & 0o777).toBe(0o640);
    execFileSync('chmod', ['644', files.key]);
    expect(await summary(wanted())).toContain('may be read by others');
  });

  it('is issued again for other names', async () => {
    expect(await summary(wanted([...NAMES, '10.20.0.100']))).toContain('names');
    expect(await summary(wanted(NAMES.slice(1)))).toContain('names');
    expect(await summary(wanted(NAMES.toReversed()))).toBeUndefined();
  });

  it('is issued again for another CA', async () => {
    const other = await createAuthority('orders');
    expect(await summary(wanted(NAMES, other))).toContain('another CA');
    await converge(host, [wanted(NAMES, other)]);
    expect(await summary(wanted(NAMES, other))).toBeUndefined();
  });

  it('is issued again when the key, the bundle or a file is not the right one', async () => {
    const { key } = await issueCertificate({ authority, commonName: 'pg1', names: NAMES, validDays: 10 });
    await writeFile(files.bundle, key);
    expect(await summary(wanted())).toContain('bundle');
    await writeFile(files.key, key);
    expect(await summary(wanted())).toContain('the key is another one');
    await rm(files.bundle);
    expect(await summary(wanted())).toContain('issue');
    await converge(host, [wanted()]);
    expect(await summary(wanted())).toBeUndefined();
  });

  it('is issued again a month before it ends', async () => {
    const state = await readCertificateState(host, files, authority.certificate);
    if (state === undefined) throw new Error('the certificate could not be read');
    const inDays = (days: number): string | undefined =>
      certificateProblem(state, { names: NAMES, group: 'root', now: new Date(Date.now() + days * DAY_MS) });
    expect([inDays(0), inDays(365)]).toEqual([undefined, undefined]);
    expect(inDays(368)).toMatch(/^it ends in (28|29) days$/u);
    expect(inDays(400)).toBe('it has expired');
  });
});
