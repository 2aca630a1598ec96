import { z } from 'zod';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { readFacts } from '../../host/facts.ts';
import { cmd } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { hostPort } from '../../spec/address.ts';
import { listenersOf } from '../../spec/listeners.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { nameSchema } from '../../spec/values.ts';
import { audited } from '../audited.ts';
import { backupHost, backupSpecOf } from '../backup/session.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { SidePosition } from './position.ts';
import { placeOn, planRestore, type RestorePlan } from './preflight.ts';
import { targetText, type RestoreTarget } from './request.ts';
import { estimateMs } from './server.ts';
import { sideDirectory } from '../../spec/restore-places.ts';
import { sideSchema, takesPlace, type Side } from './side.ts';
import { sideSteps } from './side-steps.ts';
import { listSides, type SideState } from './sides.ts';

export interface SideOptions {
  target: RestoreTarget;
  timeline?: number | undefined;
  isExclusive: boolean;
  /** What it is called; also the key by which an interrupted restore is found again. */
  name: string;
  host?: string | undefined;
  port?: number | undefined;
  /** Asked with what will be done before anything is. */
  confirm: (plan: SidePlan) => Promise<void>;
  run: RunOptions;
}

/** What a side restore will do. */
export interface SidePlan {
  readonly side: Side;
  readonly plan: RestorePlan;
  readonly estimateMs: number;
}

export interface SideRestored extends Side {
  readonly url: string;
  readonly directory: string;
  /** What it was restored to. */
  readonly restoredTo: SidePosition;
  readonly durationMs: number;
}

const PORTS = { first: 5532, last: 5631 };

/**
 * Restores the cluster as it was at a moment into a server of its own beside it: on one host, on another port, outside
 * Patroni, not archiving, read-only. The cluster is not touched. Run again after an interruption it goes on.
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_RESTORE_TARGET, PGS_RESTORE_SPACE, PGS_RESTORE_EXISTS, PGS_JOB_FAILED,
 * PGS_UNIT_FAILED (recovery ended before the target)
 */
export async function restoreIntoSide(session: ClusterSession, options: SideOptions): Promise<SideRestored> {
  const startedAt = performance.now();
  backupSpecOf(session.spec);
  if (!nameSchema.safeParse(options.name).success || takesPlace(options.name)) {
    throw new PgscaleError('PGS_USAGE', {
      what: `--as ${options.name} is no name: a lower-case letter, then letters, digits, - or _`,
    });
  }
  const begun = await findBegun(session, options);
  const host = await backupHost(session, begun?.host ?? options.host);
  const plan = await planRestore(
    session,
    placeOn(host, session, options.name),
    options.target.target,
    options.timeline,
  );
  const [hostSpec] = chosenHosts(session.spec, { names: [host.name] });
  if (hostSpec === undefined) throw new Error(`${host.name} is in the spec`);
  const isServing = begun !== undefined && begun.position !== null;
  const side: Side = isServing
    ? sideSchema.parse(begun)
    : {
        name: options.name,
        host: host.name,
        port: options.port ?? (await freePort(host, session.spec)),
        target: targetText(options.target, options.isExclusive),
        backup: plan.route.backup.label,
        timeline: plan.route.timeline,
        createdAt: new Date().toISOString(),
      };
  const facts = await readFacts(host, hostSpec.address);
  await options.confirm({ side, plan, estimateMs: estimateMs(plan.route, facts) });
  const files = {
    spec: session.spec,
    archive: session.spec.cluster,
    name: side.name,
    backup: side.backup,
    timeline: side.timeline,
    target: options.target,
    isExclusive: options.isExclusive,
  };
  const changes = [`side restore ${side.name} on ${host.name}: ${side.target}`];
  let restoredTo: SidePosition | undefined;
  const reached = (position: SidePosition): void => void (restoredTo = position);
  const { endLsn, backup } = plan.route;
  const { databaseBytes } = backup;
  const steps = sideSteps({ host, side }, () => ({ host, hostSpec, side, files, endLsn, databaseBytes, reached }));
  // A server that answers has its files, and only may not have come to its target yet.
  const left = isServing ? steps.slice(-1) : steps;
  await audited(session, { command: 'restore', changes }, () =>
    runStages([{ title: 'Restore', steps: left, serial: true }], options.run),
  );
  if (restoredTo === undefined) throw new Error('the last step gives the position');
  const directory = sideDirectory(session.spec, side.name);
  const durationMs = Math.round(performance.now() - startedAt);
  return { ...side, url: urlOf(session, hostSpec, side.port), directory, restoredTo, durationMs };
}

/** An earlier run of the same restore, which goes on. @throws PgscaleError PGS_RESTORE_EXISTS when it is another one */
async function findBegun(session: ClusterSession, options: SideOptions): Promise<SideState | undefined> {
  const found = (await listSides(session)).find(({ name }) => name === options.name);
  if (found === undefined || isSame(found, options)) return found;
  throw new PgscaleError('PGS_RESTORE_EXISTS', {
    what: `there is a side restore ${found.name} on ${found.host} already (${found.target})`,
    host: found.host,
    next: [`pgscale restore drop ${found.name}`, 'or give another name with --as NAME'],
  });
}

/** Whether the same moment is wanted of a server that still waits at it; the latest is another one every time. Pure. */
export function isSame(
  { position, ...found }: Pick<SideState, 'target' | 'host' | 'port' | 'timeline' | 'position'>,
  {
    target,
    isExclusive,
    host,
    port,
    timeline,
  }: Pick<SideOptions, 'target' | 'isExclusive' | 'host' | 'port' | 'timeline'>,
): boolean {
  if (found.target !== targetText(target, isExclusive) || (host ?? found.host) !== found.host) return false;
  if (position === null) return true;
  const isPlace = (port ?? found.port) === found.port && (timeline ?? found.timeline) === found.timeline;
  return isPlace && position.isInRecovery && target.target.kind !== 'latest';
}

/**
 * A port for a server beside the cluster: nobody listens there, nor will anything of the cluster that is stopped now.
 * @throws PgscaleError PGS_RESTORE_SPACE
 */
export async function freePort(host: Host, spec: Spec): Promise<number> {
  const answer = await host.read(cmd('ss', '-Hltn'));
  const listening = [...answer.stdout.matchAll(/:(\d+)\s/gu)].map(([, port]) => z.coerce.number().parse(port));
  const ours = spec.hosts.flatMap((each) => listenersOf(spec, each)).map(({ port }) => port);
  const taken = new Set([...listening, ...ours]);
  for (let port = PORTS.first; port <= PORTS.last; port += 1) if (!taken.has(port)) return port;
  throw new PgscaleError('PGS_RESTORE_SPACE', {
    what: `no port from ${PORTS.first} to ${PORTS.last} is free`,
    host: host.name,
  });
}

function urlOf({ spec }: ClusterSession, { address }: HostSpec, port: number): string {
  const [database] = spec.databases;
  const role = database?.owner ?? 'postgres';
  return `postgres://${role}@${hostPort(address, port)}/${database?.name ?? 'postgres'}?sslmode=require`;
}
