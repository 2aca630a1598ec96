import { lsnText } from '../../archive/segment.ts';
import { isRefusal, send } from '../../components/patroni/client.ts';
import { normalise } from '../../errors/normalise.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { waitFor } from '../../run/deadline.ts';
import { PATRONI } from '../../spec/layout.ts';
import { leaseSeconds } from '../../spec/lease.ts';
import { POSITION } from '../../sql/position.ts';
import { readRows } from '../../sql/psql.ts';
import { takeClusterLock } from '../apply/index.ts';
import { audited } from '../audited.ts';
import { openCluster, type ClusterSession, type SessionOptions } from '../cluster-session.ts';
import { bringBack, candidatesOf, healthyPrimary, strayPrimary, strayText, type Candidate } from './candidates.ts';
import { lookBeforeFailover, type FailoverFacts } from './look.ts';

export interface FailoverOptions extends SessionOptions {
  signal: AbortSignal;
  lockWaitMs: number;
  /** The new primary; default: the candidate that has the most. */
  to?: string | undefined;
  /** How many bytes of WAL may be missing; without it, only a candidate that surely has everything will do. */
  allowDataLossBytes?: number | undefined;
  /** Asked before anything is changed; false ends the run. */
  confirm: (what: FailoverPlan) => Promise<boolean>;
}

/** What is about to happen. */
export interface FailoverPlan {
  readonly to: Candidate;
  readonly candidates: readonly Candidate[];
}

export interface Failover extends FailoverPlan {
  readonly durationMs: number;
}

/** Added to the lease, which may have to run out first. */
const PROMOTION_MS = 40_000;
const REQUEST_SECONDS = 15;

/**
 * Makes a standby the primary when there is none. Hosts that cannot be reached are left out.
 * @throws PgscaleError PGS_PRIMARY_HEALTHY, PGS_SECOND_PRIMARY, PGS_FAILOVER_REFUSED before anything is changed; PGS_WAIT_DEADLINE later
 */
export async function failover(options: FailoverOptions): Promise<Failover> {
  const startedAt = performance.now();
  await using session = await openCluster({ ...options, tolerate: true });
  await using _lock = await takeClusterLock(session, 'failover', { forMs: options.lockWaitMs, signal: options.signal });
  const plan = await planFailover(session, options);
  if (!(await options.confirm(plan))) {
    throw new PgscaleError('PGS_NOT_CONFIRMED', { what: 'the failover was not confirmed' });
  }
  const entry = { command: 'failover', changes: [`make ${plan.to.name} the primary`] };
  await audited(session, entry, () => promote(session, plan.to.name, options.signal));
  return { ...plan, durationMs: Math.round(performance.now() - startedAt) };
}

async function planFailover(session: ClusterSession, options: FailoverOptions): Promise<FailoverPlan> {
  const facts = await lookBeforeFailover(session);
  const primary = healthyPrimary(facts);
  if (primary !== undefined) {
    throw new PgscaleError('PGS_PRIMARY_HEALTHY', { what: `${primary} leads and takes writes`, host: primary });
  }
  const candidates = candidatesOf(facts);
  if (facts.keys === undefined) throw refused(WITHOUT_ETCD, candidates);
  refuseSecondPrimary(facts);
  const to = candidates.find(({ name }) => options.to === undefined || name === options.to);
  const refusal = to === undefined ? `the spec has no member ${options.to ?? ''}` : refusalOf(to, options);
  if (to !== undefined && refusal === undefined) return { to, candidates };
  throw refused(refusal ?? '', candidates, [
    `${bringBack(facts.keys.sync)}, or accept the loss with --allow-data-loss BYTES`,
    'pgscale why',
  ]);
}

/** Patroni sees only its own members: one that goes on without it would take writes beside the new primary. @throws PgscaleError PGS_SECOND_PRIMARY */
export function refuseSecondPrimary(facts: FailoverFacts): void {
  const stray = strayPrimary(facts);
  if (stray === undefined) return;
  throw new PgscaleError('PGS_SECOND_PRIMARY', {
    what: 'no failover; nothing was changed',
    host: stray.name,
    why: strayText(stray),
    next: [`pgscale exec ${stray.name} -- systemctl start ${PATRONI.unit}`, 'pgscale why'],
  });
}

/** The leader key is in etcd, and Patroni promotes nobody who does not hold it. */
const WITHOUT_ETCD =
  'etcd has no majority, and Patroni promotes nobody without it: bring etcd hosts back until more than half of them run';

function refused(why: string, candidates: readonly Candidate[], next?: string[]): PgscaleError {
  return new PgscaleError('PGS_FAILOVER_REFUSED', {
    what: 'no failover; nothing was changed',
    why: [why, ...candidates.map(candidateLine)].join('\n'),
    ...(next === undefined ? {} : { next }),
    details: { candidates },
  });
}

/** Why a member must not become the primary; undefined when it may. Pure. */
export function refusalOf(
  { name, excluded, gapBytes }: Candidate,
  { allowDataLossBytes }: Pick<FailoverOptions, 'allowDataLossBytes'>,
): string | undefined {
  if (excluded !== null) return `${name} cannot become the primary: ${excluded}`;
  if (gapBytes === 0) return undefined;
  if (gapBytes === null) {
    return allowDataLossBytes === undefined
      ? `nobody knows how much ${name} lacks: --allow-data-loss BYTES says that you accept it`
      : undefined;
  }
  if (allowDataLossBytes !== undefined && gapBytes <= allowDataLossBytes) return undefined;
  return `${name} lacks about ${gapBytes} bytes of WAL: --allow-data-loss ${gapBytes} says that you accept it`;
}

/** One line of a refusal: what the member has, and what keeps it from leading. Pure. */
export function candidateLine({
  name,
  isSynchronous,
  timeline,
  position,
  gapBytes,
  gapSeconds,
  excluded,
}: Candidate): string {
  const row = [
    isSynchronous ? 'synchronous' : 'asynchronous',
    timeline === null ? 'timeline not known' : `timeline ${timeline}`,
    position === null ? 'position not known' : `position ${lsnText(position)}`,
    gapBytes === null ? 'what it lacks is not known' : `lacks ${gapBytes} bytes`,
    ...(gapSeconds === null ? [] : [`last commit ${Math.round(gapSeconds)} s ago`]),
    excluded === null ? 'can lead' : `cannot lead: ${excluded}`,
  ];
  return `${name}: ${row.join(', ')}`;
}

/**
 * Patroni may answer late or not at all and go on all the same, and only the member itself says how it ended; a refusal
 * (4xx) is final.
 * @throws PgscaleError PGS_FAILOVER_REFUSED, PGS_WAIT_DEADLINE
 */
export async function promote(session: ClusterSession, name: string, signal: AbortSignal): Promise<void> {
  const { spec, secrets } = session;
  const member = session.host(name);
  const host = spec.hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`${name} is not in the spec`);
  let answer: PgscaleError | undefined;
  const request = { method: 'POST', path: '/failover', body: { candidate: name }, seconds: REQUEST_SECONDS } as const;
  const asked = send(member, { spec, secrets, host }, request).catch((error: unknown) => {
    [answer] = normalise(error, 'failover');
  });
  await waitFor(
    {
      what: `${name} to become the primary`,
      host: name,
      deadlineMs: leaseSeconds(spec) * 1000 + PROMOTION_MS,
      signal,
      why: async () => answer?.why ?? answer?.message ?? '',
    },
    async () => {
      const rows = await readRows(member, { port: spec.postgres.port, name: 'postgres' }, POSITION);
      if (rows?.[0]?.isInRecovery === false) return true;
      if (isRefusal(answer)) throw refusedByPatroni(name, answer);
      return undefined;
    },
  );
  await asked;
}

function refusedByPatroni(name: string, { why, message, details }: PgscaleError): PgscaleError {
  return new PgscaleError('PGS_FAILOVER_REFUSED', {
    what: `Patroni does not make ${name} the primary`,
    host: name,
    why: why ?? message,
    next: ['pgscale why', 'pgscale status'],
    details,
  });
}
