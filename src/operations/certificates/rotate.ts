import { readCertificates, type HostCertificates } from '../../cluster/certificates.ts';
import type { Target } from '../../components/component.ts';
import { hostCertificate } from '../../components/pki/resources.ts';
import type { Host } from '../../host/host.ts';
import { installCertificate } from '../../resources/certificate.ts';
import { converge } from '../../resources/converge.ts';
import { leaveNotices, notice } from '../../resources/notice.ts';
import { waitFor } from '../../run/deadline.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { Report, Step } from '../../run/step.ts';
import { audited } from '../audited.ts';
import { readTargets, type ClusterSession } from '../cluster-session.ts';

/** Patroni reads a new certificate within a loop, 10 s at most in our profiles. */
const HELD_DEADLINE_MS = 60_000;
const ROTATE_DEADLINE_MS = HELD_DEADLINE_MS + 120_000;

export interface RotateOptions {
  readonly run: RunOptions;
  /** Asked with the names of the hosts before anything is changed; throws when the answer is no. */
  readonly confirm: (hosts: readonly string[]) => Promise<void>;
}

/** What was issued again, in this order. */
export interface Rotated {
  readonly hosts: readonly string[];
  readonly durationMs: number;
}

/**
 * Gives every host a new key and certificate, one host after the other, and goes on to the next when every process of the
 * host was seen with the new one. Nothing is restarted: PostgreSQL, Patroni, PgBouncer and HAProxy read it on a reload, etcd
 * at every handshake.
 *
 * @throws PgscaleError PGS_WAIT_DEADLINE when a process keeps its old one, and what `confirm` throws
 */
export async function rotateCertificates(session: ClusterSession, options: RotateOptions): Promise<Rotated> {
  const startedAt = performance.now();
  const targets = await readTargets(session);
  const hosts = targets.map(({ host }) => host.name);
  await options.confirm(hosts);
  const steps = targets.map((target) => rotateStep(session.host(target.host.name), target));
  await audited(
    session,
    { command: 'cert rotate', changes: (host) => [`issue the certificate of ${host} again`] },
    () => runStages([{ title: 'Certificates', steps, serial: true }], options.run),
  );
  return { hosts, durationMs: Math.round(performance.now() - startedAt) };
}

function rotateStep(host: Host, target: Target): Step {
  return {
    id: `certificate:${host.name}`,
    title: `Certificate of ${host.name}`,
    host: host.name,
    deadlineMs: ROTATE_DEADLINE_MS,
    run: async (report, signal) => {
      const definition = hostCertificate(target);
      const notifications = definition.notifies ?? [];
      // Before the change: should we be cut off, the next run or `apply` finds who has not heard of it.
      await leaveNotices(host, notifications);
      await installCertificate(host, definition);
      await converge(
        host,
        notifications.map(({ unit }) => notice(unit)),
        { report, signal },
      );
      await waitUntilHeld(host, target, report, signal);
    },
  };
}

/** Until every process was seen with the certificate that is in the file. */
async function waitUntilHeld(host: Host, target: Target, report: Report, signal: AbortSignal): Promise<void> {
  let seen = '';
  const what = `every process on ${host.name} to hold the new certificate`;
  const why = async (): Promise<string> => seen;
  await waitFor({ what, host: host.name, deadlineMs: HELD_DEADLINE_MS, pollMs: 500, signal, why }, async () => {
    const others = notCurrent(await readCertificates(host, target));
    seen = others.map(({ component }) => component).join(', ');
    report(`waiting for ${seen}`);
    return others.length === 0 ? true : undefined;
  });
}

function notCurrent({ held }: HostCertificates): HostCertificates['held'] {
  return held.filter(({ isCurrent }) => !isCurrent);
}
