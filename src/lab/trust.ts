import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

/** The certificates of `machine` that `image` does not have, compared by fingerprint: a company's own authority. */
export function extraCertificates(machine: string, image: string): string[] {
  const known = new Set(certificates(image).map(fingerprint));
  const extra = certificates(machine).filter((pem) => !known.has(fingerprint(pem)));
  return [...new Map(extra.map((pem) => [fingerprint(pem), pem])).values()];
}

const certificates = (text: string): string[] => text.match(PEM) ?? [];
const fingerprint = (pem: string): string => new X509Certificate(pem).fingerprint256;

/** Every authority that this machine trusts, also by NODE_EXTRA_CA_CERTS, in one text. */
export async function machineTrust(): Promise<string> {
  const files = new Set([BUNDLE, process.env['NODE_EXTRA_CA_CERTS'] ?? BUNDLE]);
  const texts = await Promise.all([...files].map(async (file) => readFile(file, 'utf8').catch(() => '')));
  return texts.join('\n');
}
