import { readMemberState } from '../../cluster/member-state.ts';
import { POSTMASTER_PARAMETERS } from '../../components/postgres/parameters.ts';
import type { Finding } from '../../resources/converge.ts';
import { PATRONI, POSTGRES } from '../../spec/layout.ts';
import { waitAtMost } from '../../run/deadline.ts';
import type { Stage, Step } from '../../run/step.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { heldWherePossible, restartStep } from '../member-restart/step.ts';
import type { HostSurvey, LayerSurvey, Survey } from '../survey.ts';

/** How long running transactions may take to end before the primary restarts. */
const PAUSE_TIMEOUT_MS = 5000;
const PRIMARY_INTERRUPTION = `writes stop for some seconds: clients of the pool endpoint wait; their transactions break only where one lasts longer than ${PAUSE_TIMEOUT_MS / 1000} s or a pooler does not answer`;

/** Members hear of a change within a loop of Patroni (10 s at most), and a standby of a lowered one by way of the WAL. */
const HEARD_DEADLINE_MS = 25_000;
/** The same where nothing may wait for a restart at all. */
const UNTOLD_HEARD_DEADLINE_MS = 5000;

/**
 * Restarts PostgreSQL where a changed setting needs it, one member at a time: standbys first, the primary last; the other
 * way round when a setting is lowered that a standby may not have lower than its primary. Whether a member needs it is
 * asked when its turn has come.
 * https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN
 */
export function restartStage(survey: Survey): Stage {
  const members = survey.hosts.filter((each) => each.member !== undefined && needsRestart(survey, each));
  const isPrimary = (each: HostSurvey): boolean => each === survey.primary;
  const standbys = members.filter((each) => !isPrimary(each));
  const primary = members.filter(isPrimary);
  const diffs = survey.cluster.map(({ change }) => change?.diff ?? '');
  const isLowered = diffs.some(lowersStandbyParameter);
  const ordered = isLowered ? [...primary, ...standbys] : [...standbys, ...primary];
  const after = isLowered ? survey.primary : undefined;
  return {
    title: 'Restart PostgreSQL',
    steps: ordered.map((each) =>
      isPrimary(each) ? primaryStep(survey.session, each) : standbyStep(survey.session, each, after),
    ),
    serial: true,
  };
}

/** @param after The primary whose lowered settings the standby has to have replayed first. */
function standbyStep(session: ClusterSession, member: HostSurvey, after: HostSurvey | undefined): Step {
  return {
    ...restartStep(session, member.target.host, after?.host.name),
    interruption: `reads on ${member.host.name} break`,
    done: () => nothingWaits(member),
  };
}

/** Poolers whose sessions keep their server cannot be held: PAUSE waits for the sessions to end. */
function primaryStep(session: ClusterSession, member: HostSurvey): Step {
  const step = restartStep(session, member.target.host, undefined);
  const done = (): Promise<false | string> => nothingWaits(member);
  if (session.spec.pooler.mode === 'session') {
    return { ...step, done, interruption: 'writes stop for some seconds, and sessions of the pool endpoint break' };
  }
  const hold = { primary: member.host.name, pauseTimeoutMs: PAUSE_TIMEOUT_MS };
  return { ...heldWherePossible(session, step, hold), done, interruption: PRIMARY_INTERRUPTION };
}

async function nothingWaits({ host, target, layers }: HostSurvey): Promise<false | string> {
  const deadlineMs = isUntold(layers) ? UNTOLD_HEARD_DEADLINE_MS : HEARD_DEADLINE_MS;
  const waits = await waitAtMost({ what: `${host.name} to hear of a setting`, deadlineMs, pollMs: 1000 }, async () =>
    (await readMemberState(host, target)).pendingRestart.length > 0 ? true : undefined,
  );
  return waits === true ? false : 'no setting waits for a restart';
}

/** By the diff of postgresql.conf and of the shared settings; a fresh cluster has none of its members running. */
function needsRestart(survey: Survey, { layers, member }: HostSurvey): boolean {
  if (survey.primary === undefined) return false;
  if (member !== undefined && member.pendingRestart.length > 0) return true;
  if (isUntold(layers)) return true;
  const diffs = [...findingsOf(layers, `file:${POSTGRES.configFile}`), ...survey.cluster].map(
    ({ change }) => change?.diff ?? '',
  );
  return diffs.some(changesPostmasterParameter);
}

/** An interrupted run has changed something that PostgreSQL has not heard of; what it was is not known any more. */
function isUntold(layers: readonly LayerSurvey[]): boolean {
  return findingsOf(layers, `notice:${PATRONI.unit}`).some(({ change }) => change !== undefined);
}

function findingsOf(layers: readonly LayerSurvey[], id: string): Finding[] {
  return layers.flatMap(({ findings }) => findings.filter(({ resource }) => resource.id === id));
}

const STANDBY_PARAMETERS = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
];

/** Whether a unified diff of the shared settings lowers one that a standby must have at least as high; pure. */
export function lowersStandbyParameter(diff: string): boolean {
  const value = (sign: string, name: string): number =>
    Number(new RegExp(`^[${sign}]${name}: (\\d+)$`, 'mu').exec(diff)?.[1] ?? Number.NaN);
  return STANDBY_PARAMETERS.some((name) => value('+', name) < value('-', name));
}

/** Whether a unified diff touches a line of a parameter that only a restart changes; pure. */
export function changesPostmasterParameter(diff: string): boolean {
  return diff.split('\n').some((line) => {
    const [, name] = /^[+-]\s*['"]?([a-z_.]+)['"]?\s*[=:]/u.exec(line) ?? [];
    return name !== undefined && POSTMASTER_PARAMETERS.has(name);
  });
}
