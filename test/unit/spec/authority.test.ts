import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

import { beforeAll, expect, it } from 'vitest';

import { createAuthority, issueCertificate, type KeyPair } from '../../../src/spec/authority.ts';
import { readCertificate } from '../../../src/spec/certificate.ts';

const NAMES = ['pg1', '10.20.0.11', 'fd00::11', 'primary.orders.example'];
let authority: KeyPair;
let issued: KeyPair;

beforeAll(async () => {
  authority = await createAuthority('orders');
  issued = await issueCertificate({ authority, commonName: 'pg1', names: NAMES, validDays: 30 });
});

it('makes a CA that signed itself and belongs to its key', () => {
  const ca = new X509Certificate(authority.certificate);
  expect(ca.ca).toBe(true);
  expect(ca.verify(ca.publicKey)).toBe(true);
  expect(ca.checkPrivateKey(createPrivateKey(authority.key))).toBe(true);
});

it('issues certificates for names and addresses, for servers and clients', () => {
  const certificate = new X509Certificate(issued.certificate);
  const ca = new X509Certificate(authority.certificate);
  expect(certificate.checkIssued(ca)).toBe(true);
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkHost('pg1')).toBe('pg1');
  expect(certificate.checkHost('primary.orders.example')).toBe('primary.orders.example');
  expect(certificate.checkIP('10.20.0.11')).toBe('10.20.0.11');
  expect(certificate.checkIP('fd00::11')).toBe('fd00::11');
  expect(certificate.checkHost('pg2')).toBeUndefined();
  expect(certificate.checkIP('10.20.0.12')).toBeUndefined();
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  expect(certificate.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
});

it('reads what a certificate says', async () => {
  const facts = readCertificate(issued.certificate);
  const other = await createAuthority('orders');
  expect(facts.commonName).toBe('pg1');
  expect(facts.names).toEqual(NAMES);
  expect((facts.notAfter.getTime() - Date.now()) / 86_400_000).toBeCloseTo(30, 2);
  expect(facts.publicKey).toBe(createPublicKey(issued.key).export({ type: 'spki', format: 'pem' }));
  expect(facts.issuerMatches(authority.certificate)).toBe(true);
  expect(facts.issuerMatches(other.certificate)).toBe(false);
});
