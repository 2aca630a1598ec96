import { readCertificates, type HostCertificates } from '../../cluster/certificates.ts';
import type { Target } from '../../components/component.ts';
import { certificateNames } from '../../spec/topology.ts';
import { canonicalName, readCertificate } from '../../spec/certificate.ts';
import { RENEW_BEFORE_DAYS } from '../../resources/certificate-state.ts';
import { readTargets, type ClusterSession } from '../cluster-session.ts';

const DAY_MS = 86_400_000;

/** One certificate, as it is shown. */
export interface CertificateView {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly endsAt: string;
  readonly daysLeft: number;
  readonly sha256: string;
}

/** Which certificate one running process holds. */
export interface HolderView {
  readonly component: string;
  readonly port: number | null;
  readonly isCurrent: boolean;
  /** It was seen with another one than the file's; false when it does not answer. */
  readonly answers: boolean;
}

export interface HostCertificateView {
  readonly host: string;
  /** null: the host does not answer, or has no certificate. */
  readonly certificate: CertificateView | null;
  readonly holders: readonly HolderView[];
}

/** All certificates of a cluster, and what is wrong with them. */
export interface CertificateStatus {
  readonly cluster: string;
  readonly authority: CertificateView;
  readonly hosts: readonly HostCertificateView[];
  readonly problems: readonly string[];
}

/** Asks every host for its certificate and every process for the one that it holds. The session may tolerate failures. */
export async function readCertificateStatus(session: ClusterSession, now = new Date()): Promise<CertificateStatus> {
  const { spec, secrets, fleet } = session;
  const targets = await readTargets(session);
  const found = await Promise.all(
    targets.map(async (target) => ({
      target,
      certificates: await readCertificates(session.host(target.host.name), target),
    })),
  );
  return {
    cluster: spec.cluster,
    authority: certificateView(readCertificate(secrets.ca.certificate), now),
    hosts: found.map(({ target, certificates }) => hostView(target, certificates, now)),
    problems: [
      ...fleet.failures.map(({ host, message }) => `${host ?? 'a host'}: ${message}`),
      ...found.flatMap(({ target, certificates }) =>
        certificateProblems(target, certificates, now).map((text) => `${target.host.name}: ${text}`),
      ),
    ],
  };
}

function hostView({ host }: Target, { file, held }: HostCertificates, now: Date): HostCertificateView {
  return {
    host: host.name,
    certificate: file === undefined ? null : certificateView(file, now),
    holders: held.map(({ component, port, isCurrent, seen }) => ({
      component,
      port,
      isCurrent,
      answers: seen.length > 0,
    })),
  };
}

function certificateView(facts: ReturnType<typeof readCertificate>, now: Date): CertificateView {
  const { commonName, issuer, names, notAfter, fingerprints } = facts;
  return {
    subject: commonName,
    issuer,
    names,
    endsAt: notAfter.toISOString(),
    daysLeft: Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS),
    sha256: fingerprints.sha256,
  };
}

/** What is wrong with the certificate of a host and with who holds it, in a few words each. Pure. */
export function certificateProblems(
  { spec, host, secrets }: Omit<Target, 'facts'>,
  { file, held }: HostCertificates,
  now: Date,
): string[] {
  if (file === undefined) return ['there is no certificate'];
  const daysLeft = Math.floor((file.notAfter.getTime() - now.getTime()) / DAY_MS);
  const missing = certificateNames(spec, host).filter((name) => !file.names.includes(canonicalName(name)));
  return [
    ...(file.issuerMatches(secrets.ca.certificate) ? [] : ['the certificate is of another CA']),
    ...(daysLeft < 0 ? ['the certificate has expired'] : []),
    ...(daysLeft >= 0 && daysLeft < RENEW_BEFORE_DAYS ? [`the certificate ends in ${daysLeft} days`] : []),
    ...(missing.length === 0 ? [] : [`the certificate is not for ${missing.join(', ')}`]),
    ...held.flatMap(({ component, isCurrent, seen }) => {
      if (isCurrent) return [];
      return [seen.length === 0 ? `${component} does not answer` : `${component} holds an older certificate`];
    }),
  ];
}
