import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { canonicalName, certificateIn } from '../spec/certificate.ts';

/** A certificate is replaced this long before it ends. */
export const RENEW_BEFORE_DAYS = 30;
const DAY_MS = 86_400_000;

/** The certificate of a host as found, with what the host itself says of its files. */
export interface CertificateState {
  readonly names: readonly string[];
  readonly notAfter: Date;
  /** Signed by the CA of this cluster. */
  readonly isOurs: boolean;
  /** ca.crt holds the CA of this cluster. */
  readonly hasAuthority: boolean;
  readonly keyMatches: boolean;
  readonly bundleMatches: boolean;
  /** `root pgscale 640`, of the key and of the bundle. */
  readonly keyAccess: string;
  readonly bundleAccess: string;
}

interface Paths {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly bundle: string;
}

/** Reads the state; undefined when a file is missing or the certificate cannot be read. The key stays on the host. */
export async function readCertificateState(
  reader: Reader,
  files: Paths,
  authority: string,
): Promise<CertificateState | undefined> {
  const { certificate, key, bundle } = files;
  const [found, ca, answer] = await Promise.all([
    reader.readFile(certificate),
    reader.readFile(files.ca),
    reader.read(
      sh`test -s ${certificate} && test -s ${key} && test -s ${bundle} || exit 1
stat -c '%U %G %a' ${key} ${bundle}
cat ${certificate} ${key} | cmp -s - ${bundle} && echo same || echo different
openssl pkey -in ${key} -pubout 2>/dev/null || true`,
    ),
  ]);
  if (found === undefined || ca === undefined || answer.exitCode !== 0) return undefined;
  const facts = certificateIn(found.content);
  if (facts === undefined) return undefined;
  const [keyAccess = '', bundleAccess = '', bundles, ...publicKey] = answer.stdout.split('\n');
  return {
    names: facts.names,
    notAfter: facts.notAfter,
    isOurs: facts.issuerMatches(authority),
    hasAuthority: ca.content.trim() === authority.trim(),
    keyMatches: publicKey.join('\n').trim() === facts.publicKey.trim(),
    bundleMatches: bundles === 'same',
    keyAccess,
    bundleAccess,
  };
}

export interface CertificateWish {
  readonly names: readonly string[];
  readonly group: string;
  readonly now: Date;
}

/** Why a certificate has to be issued again, in a few words; undefined when it is good. Pure. */
export function certificateProblem(actual: CertificateState, wish: CertificateWish): string | undefined {
  const access = `root ${wish.group} 640`;
  const leftDays = Math.floor((actual.notAfter.getTime() - wish.now.getTime()) / DAY_MS);
  const problems: [boolean, string][] = [
    [!actual.hasAuthority || !actual.isOurs, 'it is of another CA'],
    [!sameNames(actual.names, wish.names), `names ${actual.names.join(', ')} → ${wish.names.join(', ')}`],
    [leftDays < RENEW_BEFORE_DAYS, leftDays < 0 ? 'it has expired' : `it ends in ${leftDays} days`],
    [!actual.keyMatches, 'the key is another one, or cannot be read'],
    [!actual.bundleMatches, 'the bundle holds something else'],
    [actual.keyAccess !== access || actual.bundleAccess !== access, `the key may be read by others than ${wish.group}`],
  ];
  return problems.find(([applies]) => applies)?.[1];
}

function sameNames(actual: readonly string[], wanted: readonly string[]): boolean {
  const left = new Set(actual.map(canonicalName));
  const right = new Set(wanted.map(canonicalName));
  return left.size === right.size && [...left].every((name) => right.has(name));
}
