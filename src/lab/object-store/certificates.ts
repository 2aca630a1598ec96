import 'reflect-metadata';

import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** A lab is thrown away long before. */
const LIFETIME_MS = 365 * 24 * 3_600_000;
/** Hosts and clients whose clock is a little behind take the certificate too. */
const SKEW_MS = 24 * 3_600_000;

/** An authority of its own and a server's certificate by it, all in PEM. The authority's key is not kept. */
export interface StoreCertificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes the certificates of an object store that is reached by these names and addresses. */
export async function makeCertificates(lab: string, names: readonly string[]): Promise<StoreCertificates> {
  const [caKeys, keys] = await Promise.all([generate(), generate()]);
  const validity = { notBefore: new Date(Date.now() - SKEW_MS), notAfter: new Date(Date.now() + LIFETIME_MS) };
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: `CN=pgscale lab ${lab}`,
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=pgscale lab ${lab} object store`,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity,
    extensions: [
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    ],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { ca: ca.toString('pem'), certificate: certificate.toString('pem'), key };
}

const generate = async (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
