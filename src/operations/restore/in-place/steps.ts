import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { cmd, sh } from '../../../host/command.ts';
import type { Host } from '../../../host/host.ts';
import { journalTail, watchUnit } from '../../../host/unit.ts';
import { waitFor } from '../../../run/deadline.ts';
import type { Report, Step } from '../../../run/step.ts';
import { PATRONI } from '../../../spec/layout.ts';
import type { Spec } from '../../../spec/schema.ts';
import { dataDirectory } from '../../../spec/topology.ts';
import { readRows } from '../../../sql/psql.ts';
import { checkBackups } from '../../backup/check.ts';
import { chosenHosts } from '../../chosen-hosts.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { deletePatroniKeys } from '../../patroni-keys.ts';
import { pausePoolers, resumePoolers } from '../../pooler.ts';
import { fullBackupStep } from '../full-backup-step.ts';
import { SIDE_POSITION } from '../position.ts';
import { removalScript } from '../server.ts';
import { IN_PLACE, sideDirectory } from '../../../spec/restore-places.ts';
import type { Side } from '../side.ts';
import { startScript, stopScript } from './scripts.ts';
import { standbysStep } from './standbys.ts';
import { isPast } from './state.ts';
import { takePlaceSteps } from './take-place.ts';

interface InPlaceWork {
  readonly session: ClusterSession;
  /** Where the copy is, which becomes the primary. */
  readonly host: Host;
  readonly side: Side;
}

const STOP_DEADLINE_MS = 420_000;
const LEADER_DEADLINE_MS = 180_000;
const CHECK_DEADLINE_MS = 180_000;
const PAUSE_TIMEOUT_MS = 5000;
const PAUSED_FOR_MS = 600_000;
/**
 * What Patroni remembers of the cluster that was: who led, how far its WAL went, who was synchronous. With these keys no
 * restored member could lead: its WAL ends before theirs did. The shared config stays.
 */
const OUTDATED_KEYS = ['leader', 'status', 'sync', 'history', 'failsafe', 'failover'];

/**
 * From the copy that has reached its target to the cluster that goes on from there; `last` comes when all members are stopped. Each
 * step may be run again.
 */
export function swapSteps(work: InPlaceWork & { readonly last: readonly Step[] }): Step[] {
  const { session, host, last } = work;
  return [
    {
      id: 'in-place-stop',
      title: 'Stop every member',
      interruption: 'no reads and no writes until the restored primary leads',
      deadlineMs: STOP_DEADLINE_MS,
      done: async () => ((await isLed(work)) ? `${host.name} runs the restored data` : false),
      run: (report) => stopMembers(session, report),
    },
    ...last,
    ...takePlaceSteps(work),
    {
      id: 'in-place-keys',
      title: 'What etcd remembers of before',
      deadlineMs: 60_000,
      done: async () => ((await isLed(work)) ? 'done before' : false),
      run: () => deletePatroniKeys(session, OUTDATED_KEYS),
    },
    {
      id: 'in-place-lead',
      title: `The restored primary on ${host.name}`,
      host: host.name,
      deadlineMs: LEADER_DEADLINE_MS + 30_000,
      run: (report, signal) => lead(work, report, signal),
    },
  ];
}

/** What makes the restored cluster whole: the archive first, then clients are let in, then standbys and a backup. */
export function settleSteps({ session, host }: InPlaceWork): Step[] {
  const { spec } = session;
  return [
    {
      id: 'in-place-archive',
      title: 'WAL of the new timeline reaches the repository',
      deadlineMs: CHECK_DEADLINE_MS,
      run: () => refuseUnarchived(session),
    },
    {
      id: 'in-place-poolers',
      title: 'Let clients in',
      deadlineMs: 60_000,
      run: async () => {
        await resumePoolers(session, []);
      },
    },
    standbysStep({ session, host }),
    fullBackupStep(session),
    {
      id: 'in-place-tidy',
      title: 'Tidy up; the data of before stays until it is discarded',
      host: host.name,
      deadlineMs: 300_000,
      run: async () => {
        await host.run({ script: removalScript(spec, IN_PLACE) }, { deadlineMs: 300_000 });
      },
    },
  ];
}

/** Patroni runs with the restored data: the member was let loose after all that comes before was done. */
async function isLed({ session, host }: InPlaceWork): Promise<boolean> {
  if (!(await isPast(session, IN_PLACE, 'swapped'))) return false;
  return (await host.read(sh`systemctl is-active ${PATRONI.unit}`)).stdout === 'active';
}

/** Standbys first, so that none of them takes over; clients of the poolers wait meanwhile. */
async function stopMembers(session: ClusterSession, report: Report): Promise<void> {
  const { spec } = session;
  // Transactions that do not end are ended with the primary: what they write is given up in any case.
  const hold = { hosts: [], pauseTimeoutMs: PAUSE_TIMEOUT_MS, forMs: PAUSED_FOR_MS };
  await pausePoolers(session, hold).catch(() => undefined);
  const members = chosenHosts(spec, { role: 'database' }).map(({ name }) => session.host(name));
  const roles = await Promise.all(
    members.map(async (member) => {
      const rows = await readRows(member, { port: spec.postgres.port, name: 'postgres' }, SIDE_POSITION);
      return rows?.[0]?.isInRecovery === false;
    }),
  );
  report('standbys');
  await Promise.all(members.filter((_, index) => roles[index] !== true).map((member) => stopMember(member, spec)));
  report('the primary');
  await Promise.all(members.filter((_, index) => roles[index] === true).map((member) => stopMember(member, spec)));
}

async function stopMember(host: Host, spec: Spec): Promise<void> {
  const left = await host.run({ script: stopScript(spec) }, { deadlineMs: STOP_DEADLINE_MS });
  if (left.stdout.trim() === '') return;
  throw new PgscaleError('PGS_RESTORE_FAILED', {
    what: `PostgreSQL on ${host.name} does not stop`,
    host: host.name,
    why: `in ${dataDirectory(spec)} there still run ${left.stdout.split('\n').join(' ')}`,
  });
}

async function lead({ session: { spec }, host }: InPlaceWork, report: Report, signal: AbortSignal): Promise<void> {
  await host.run({ script: startScript() }, { deadlineMs: 60_000 });
  const refuseFailed = await watchUnit(host, PATRONI.unit);
  const mark = await host.read(cmd('cat', `${sideDirectory(spec, IN_PLACE)}/promoted`));
  const timeline = Number(mark.stdout.trim());
  report('waiting for it to lead');
  const wait = { what: `${host.name} to lead`, host: host.name, deadlineMs: LEADER_DEADLINE_MS, pollMs: 500, signal };
  await waitFor({ ...wait, why: () => journalTail(host, PATRONI.unit) }, async () => {
    await refuseFailed();
    const rows = await readRows(host, { port: spec.postgres.port, name: 'postgres' }, SIDE_POSITION);
    const [row] = rows ?? [];
    return row?.isInRecovery === false && row.timeline >= timeline ? true : undefined;
  });
}

async function refuseUnarchived(session: ClusterSession): Promise<void> {
  const { hosts } = await checkBackups(session);
  const problem = hosts.find(({ role, problem: each }) => role === 'primary' && each !== null)?.problem;
  if (problem === undefined || problem === null) return;
  throw new PgscaleError('PGS_REPOSITORY', {
    what: 'the restored primary leads, but its WAL does not reach the repository',
    why: problem,
    next: ['Solve that, then run the same restore again: it goes on here.'],
  });
}
