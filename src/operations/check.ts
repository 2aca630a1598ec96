import type { CheckFinding } from '../checks/check.ts';
import { runChecks } from '../checks/index.ts';
import type { Target } from '../components/component.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { openCluster, readTarget, type ClusterSession, type SessionOptions } from './cluster-session.ts';

export interface CheckReport {
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly findings: readonly CheckFinding[];
}

/**
 * Looks at every host that answers and reports all that would stop or hurt an `apply`. Hosts that do not answer, or that
 * do not let us become root, are findings, too.
 */
export async function check(options: SessionOptions): Promise<CheckReport> {
  await using session = await openCluster({ ...options, tolerate: true });
  const { targets, failures } = await readableTargets(session);
  const findings = await runChecks(
    targets.map((target) => ({ target, reader: session.host(target.host.name) })),
    true,
  );
  return {
    cluster: session.spec.cluster,
    hosts: session.spec.hosts.map(({ name }) => name),
    findings: [...[...session.fleet.failures, ...failures].map(findingOf), ...findings],
  };
}

async function readableTargets(session: ClusterSession): Promise<{ targets: Target[]; failures: PgscaleError[] }> {
  const connected = session.spec.hosts.filter(({ name }) => session.fleet.hosts.has(name));
  const outcomes = await Promise.allSettled(connected.map((host) => readTarget(session, host)));
  const targets = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [ours(outcome.reason)] : []));
  return { targets, failures };
}

function ours(reason: unknown): PgscaleError {
  if (reason instanceof PgscaleError) return reason;
  throw reason;
}

/** An error about one host as a finding: PGS_HOST_AUTH becomes `host-auth`. */
function findingOf(failure: PgscaleError): CheckFinding {
  return {
    id: failure.code.replace(/^PGS_/u, '').toLowerCase().replaceAll('_', '-'),
    severity: 'error',
    host: failure.host ?? '',
    what: failure.why === undefined ? failure.message : `${failure.message}: ${failure.why}`,
    remedy: failure.next.join(' '),
  };
}
