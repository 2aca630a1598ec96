import { describe, expect, it } from 'vitest';

import { seenFingerprints } from '../../../src/cluster/certificates.ts';
import { certificateProblems } from '../../../src/operations/certificates/status.ts';
import { createAuthority, issueCertificate } from '../../../src/spec/authority.ts';
import { readCertificate } from '../../../src/spec/certificate.ts';
import { certificateNames } from '../../../src/spec/topology.ts';
import { SECRETS, specOf, targetOf } from '../../support/target.ts';

describe('seenFingerprints', () => {
  it('gives each certificate once', () => {
    const text = 'sha256 Fingerprint=AA:01\nsha256 Fingerprint=BB:02\nsha256 Fingerprint=AA:01\n';
    expect(seenFingerprints(text)).toEqual(['AA01', 'BB02']);
    expect(seenFingerprints('')).toEqual([]);
  });
});

describe('certificateProblems', () => {
  const target = targetOf(specOf(3), 'pg1');
  const now = new Date();
  const held = (component: string, seen: string[], isCurrent: boolean) => ({ component, port: 1, seen, isCurrent });

  it('has none for one of our CA that every process holds', async () => {
    const ca = await createAuthority('orders');
    const names = certificateNames(target.spec, target.host);
    const { certificate } = await issueCertificate({ authority: ca, commonName: 'pg1', names, validDays: 100 });
    const good = { ...target, secrets: { ...SECRETS, ca } };
    const file = readCertificate(certificate);
    expect(certificateProblems(good, { file, held: [held('PostgreSQL', ['A'], true)] }, now)).toEqual([]);
    expect(
      certificateProblems(
        { ...good, secrets: { ...SECRETS, ca: await createAuthority('orders') } },
        { file, held: [] },
        now,
      ),
    ).toEqual(['the certificate is of another CA']);
  });

  it('tells what is wrong', async () => {
    const ca = await createAuthority('orders');
    const { certificate } = await issueCertificate({ authority: ca, commonName: 'pg1', names: ['pg1'], validDays: 10 });
    const all = [held('PostgreSQL', ['A', 'B'], false), held('etcd (clients)', [], false)];
    expect(
      certificateProblems(
        { ...target, secrets: { ...SECRETS, ca } },
        { file: readCertificate(certificate), held: all },
        now,
      ),
    ).toEqual([
      expect.stringMatching(/^the certificate ends in (?:9|10) days$/u),
      expect.stringMatching(/^the certificate is not for 10\.20\.0\.11, /u),
      'PostgreSQL holds an older certificate',
      'etcd (clients) does not answer',
    ]);
    expect(certificateProblems(target, { file: undefined, held: [] }, now)).toEqual(['there is no certificate']);
    const later = new Date(now.getTime() + 11 * 86_400_000);
    const ours = { ...target, secrets: { ...SECRETS, ca } };
    const expired = certificateProblems(ours, { file: readCertificate(certificate), held: [] }, later);
    expect(expired).toContain('the certificate has expired');
  });
});
