import { onEveryProcess, readPaused } from '../components/pgbouncer/console.ts';
import { readPoolers, type PoolerStatus } from '../components/pgbouncer/client.ts';
import { armResumeTimer, heldDatabases, stopResumeTimer, valveTimings } from '../components/pgbouncer/valve.ts';
import { normalise } from '../errors/normalise.ts';
import { PgscaleError, throwAll } from '../errors/pgscale-error.ts';
import type { Host } from '../host/host.ts';
import type { Spec } from '../spec/schema.ts';
import { endpoint } from '../spec/topology.ts';
import { audited } from './audited.ts';
import { requiredHosts, type ClusterSession } from './cluster-session.ts';
import { chosenHosts } from './chosen-hosts.ts';

/** One PgBouncer process as it is now. */
export interface PoolerView extends Partial<PoolerStatus> {
  readonly host: string;
  readonly process: number;
  readonly isUp: boolean;
  /** Databases whose clients wait for RESUME. */
  readonly paused: readonly string[];
}

/** Every process of the named hosts (default: all). Changes nothing. @throws PgscaleError PGS_MEMBER_UNKNOWN, PGS_HOST_UNREACHABLE */
export async function readPoolerViews(session: ClusterSession, names: readonly string[] = []): Promise<PoolerView[]> {
  return viewsOf(await poolerHosts(session, names), session.spec);
}

async function viewsOf(hosts: readonly Host[], spec: Spec): Promise<PoolerView[]> {
  const port = endpoint(spec, 'pool').port;
  const views = await Promise.all(
    hosts.map(async (host) => {
      const [reports, paused] = await Promise.all([readPoolers(host, port), readPaused(host, port)]);
      return reports.map(({ process, status }) => ({
        host: host.name,
        process,
        isUp: status !== undefined,
        ...status,
        paused: paused.get(process) ?? [],
      }));
    }),
  );
  return views.flat();
}

/** The poolers that answer, and the hosts that do not. */
export interface PoolerPicture {
  readonly poolers: readonly PoolerView[];
  readonly problems: readonly string[];
}

/** A lost host must not hide the others; one that was named has to answer. @throws as `readPoolerViews` */
export async function lookAtPoolers(session: ClusterSession, named: readonly string[]): Promise<PoolerPicture> {
  if (named.length > 0) return { poolers: await readPoolerViews(session, named), problems: [] };
  const { there, missing } = hostsThere(session, []);
  return { poolers: await viewsOf(there, session.spec), problems: missing.map(({ message }) => message) };
}

export interface PoolerPause {
  readonly hosts: readonly string[];
  /** How long running transactions may take to end. */
  readonly pauseTimeoutMs: number;
  /** The hosts resume by themselves after this; default: shortly before clients would be turned away. */
  readonly forMs?: number | undefined;
}

/** How long a pause lasts unless told otherwise: clients that wait longer get an error from PgBouncer. */
export function defaultPauseMs(spec: Spec): number {
  return valveTimings(spec).holdMs;
}

/**
 * Has clients of the pool endpoint wait. A timer on each host resumes them, even if nobody comes back.
 * @throws PgscaleError PGS_POOLER when transactions did not end in time; everything is resumed then
 */
export async function pausePoolers(session: ClusterSession, options: PoolerPause): Promise<PoolerView[]> {
  const { spec } = session;
  const hosts = await poolerHosts(session, options.hosts);
  const forSeconds = Math.ceil((options.forMs ?? defaultPauseMs(spec)) / 1000);
  return audited(
    session,
    { command: 'pooler pause', changes: [`pause ${names(hosts)} for ${forSeconds} s`] },
    async () => {
      await Promise.all(hosts.map((host) => armResumeTimer(host, forSeconds)));
      const seconds = Math.ceil(options.pauseTimeoutMs / 1000);
      const failures = await onHosts(hosts, spec, 'PAUSE', seconds);
      if (failures.length > 0) {
        await resume(hosts, spec);
        throwAll(failures);
      }
      return readPoolerViews(session, options.hosts);
    },
  );
}

/**
 * Lets clients go on, wherever a host answers.
 * @throws PgscaleError PGS_POOLER for every process that does not answer, PGS_HOST_UNREACHABLE for every host
 */
export async function resumePoolers(session: ClusterSession, chosen: readonly string[]): Promise<PoolerView[]> {
  const { there, missing } = hostsThere(session, chosen);
  return audited(session, { command: 'pooler resume', changes: [`resume ${names(there)}`] }, async () => {
    throwAll([...(await resume(there, session.spec)), ...missing]);
    return viewsOf(there, session.spec);
  });
}

/** Has every process read its settings again. @throws PgscaleError PGS_POOLER for every process that does not */
export async function reloadPoolers(session: ClusterSession, chosen: readonly string[]): Promise<PoolerView[]> {
  const hosts = await poolerHosts(session, chosen);
  return audited(session, { command: 'pooler reload', changes: [`reload ${names(hosts)}`] }, async () => {
    const port = endpoint(session.spec, 'pool').port;
    const answers = await Promise.all(
      hosts.map(async (host) => failed(host, 'RELOAD', await onEveryProcess(host, port, ['RELOAD']))),
    );
    throwAll(answers.flat());
    return readPoolerViews(session, chosen);
  });
}

/** Where it does not come about, the timer tries again. */
async function resume(hosts: readonly Host[], spec: Spec): Promise<PgscaleError[]> {
  const each = hosts.map(async (host) => {
    const failures = await onHosts([host], spec, 'RESUME', 5);
    if (failures.length === 0) await stopResumeTimer(host);
    return failures;
  });
  const outcomes = await Promise.allSettled(each);
  return outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : normalise(outcome.reason, 'pooler resume'),
  );
}

async function onHosts(
  hosts: readonly Host[],
  spec: Spec,
  verb: 'PAUSE' | 'RESUME',
  deadlineSeconds: number,
): Promise<PgscaleError[]> {
  const port = endpoint(spec, 'pool').port;
  const statements = heldDatabases(spec).map((name) => `${verb} "${name.replaceAll('"', '""')}"`);
  const all = hosts.map(async (host) =>
    failed(host, verb, await onEveryProcess(host, port, statements, deadlineSeconds)),
  );
  return (await Promise.all(all)).flat();
}

/** That a database is (not) paused already is no failure. */
function failed(host: Host, verb: string, answers: Awaited<ReturnType<typeof onEveryProcess>>): PgscaleError[] {
  return answers
    .filter(({ isOk, text }) => !isOk && !/is (?:not|already) paused/u.test(text))
    .map(
      ({ process, text }) =>
        new PgscaleError('PGS_POOLER', {
          what: `${verb} did not come about on pooler ${process} of ${host.name}`,
          host: host.name,
          why: text === '' ? 'no answer in time: transactions are still running' : text,
        }),
    );
}

/** The database hosts that are connected, and what keeps the others. */
function hostsThere(session: ClusterSession, chosen: readonly string[]): { there: Host[]; missing: PgscaleError[] } {
  const names = chosenHosts(session.spec, { names: chosen, role: 'database' }).map(({ name }) => name);
  const isMeant = ({ host }: PgscaleError): boolean => host !== undefined && names.includes(host);
  return {
    there: names.flatMap((name) => session.fleet.hosts.get(name) ?? []),
    missing: session.fleet.failures.filter(isMeant),
  };
}

function poolerHosts(session: ClusterSession, chosen: readonly string[]): Promise<Host[]> {
  return requiredHosts(session, chosenHosts(session.spec, { names: chosen, role: 'database' }));
}

function names(hosts: readonly Host[]): string {
  return `the poolers of ${hosts.map(({ name }) => name).join(', ')}`;
}
