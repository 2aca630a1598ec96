import { X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** What a certificate says. */
export interface CertificateFacts {
  readonly commonName: string;
  /** Names and addresses that it is good for, in one spelling each (see `canonicalName`). */
  readonly names: readonly string[];
  readonly notAfter: Date;
  /** The common name of the CA that it says it is of. */
  readonly issuer: string;
  /** SHA-256 and SHA-1 over the whole certificate, hexadecimal, in capitals. */
  readonly fingerprints: { readonly sha256: string; readonly sha1: string };
  /** Its public key (SPKI, PEM), as `openssl pkey -pubout` prints the one of a private key. */
  readonly publicKey: string;
  /** Whether this CA (PEM) signed it. */
  issuerMatches(authority: string): boolean;
}

/** Reads a PEM certificate, without the library that issues them: that one takes long to load. @throws Error when it is none. */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    commonName: commonName(certificate.subject),
    names: alternativeNames(certificate.subjectAltName ?? ''),
    notAfter: new Date(certificate.validTo),
    issuer: commonName(certificate.issuer),
    fingerprints: {
      sha256: certificate.fingerprint256.replaceAll(':', ''),
      sha1: certificate.fingerprint.replaceAll(':', ''),
    },
    publicKey: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    issuerMatches: (authority) => certificate.verify(publicKeyOf(authority)),
  };
}

/** The same for a text that may be no certificate: undefined then. */
export function certificateIn(text: string): CertificateFacts | undefined {
  try {
    return readCertificate(text);
  } catch {
    return undefined;
  }
}

const authorities = new Map<string, KeyObject>();

/** Every host has the same CA. */
function publicKeyOf(authority: string): KeyObject {
  const known = authorities.get(authority);
  if (known !== undefined) return known;
  const key = new X509Certificate(authority).publicKey;
  authorities.set(authority, key);
  return key;
}

function commonName(distinguishedName: string): string {
  return /^CN=(.*)$/mu.exec(distinguishedName)?.[1] ?? '';
}

/** One spelling per name: an IPv6 address can be written in many ways, a DNS name in any case. */
export function canonicalName(name: string): string {
  return isIP(name) === 6 ? new URL(`https://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

/** `DNS:pg1, IP Address:10.20.0.11`. https://nodejs.org/docs/latest-v20.x/api/crypto.html#x509subjectaltname */
function alternativeNames(text: string): string[] {
  return [...text.matchAll(/(?:DNS|IP Address):([^,]+)/gu)].map(([, name = '']) => canonicalName(name));
}
