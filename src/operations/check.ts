import type { CheckFinding } from '../checks/check.ts';
import { runChecks } from '../checks/index.ts';
import { openCluster, readTargets, type SessionOptions } from './cluster-session.ts';

export interface CheckReport {
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly findings: readonly CheckFinding[];
}

/**
 * Looks at every host that answers and reports all that would stop or hurt an `apply`. Hosts that do not answer are
 * findings, too.
 */
export async function check(options: SessionOptions): Promise<CheckReport> {
  await using session = await openCluster({ ...options, tolerate: true });
  const targets = await readTargets(session);
  const findings = await runChecks(
    targets.map((target) => ({ target, reader: session.host(target.host.name) })),
    true,
  );
  const unreachable = session.fleet.failures.map((failure): CheckFinding => ({
    id: failure.code.replace(/^PGS_/u, '').toLowerCase().replaceAll('_', '-'),
    severity: 'error',
    host: failure.host ?? '',
    what: failure.message,
    remedy: failure.next.join(' '),
  }));
  return {
    cluster: session.spec.cluster,
    hosts: session.spec.hosts.map(({ name }) => name),
    findings: [...unreachable, ...findings],
  };
}
