import { setTimeout as sleep } from 'node:timers/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';
import type { Reader } from '../host/host.ts';
import type { Spec } from '../spec/schema.ts';
import { hostsWithRole } from '../spec/topology.ts';
import { LAG, type LagRow } from '../sql/lag.ts';
import { readRows } from '../sql/psql.ts';
import type { Replication } from '../sql/replication.ts';
import { connectedDatabaseHosts, type ClusterSession } from './cluster-session.ts';

/** How far a standby may be behind. What is left out does not count. */
export interface LagLimits {
  readonly maxBytes?: number | undefined;
  readonly maxSeconds?: number | undefined;
}

/** How far behind every standby is, as the primary sees it. */
export interface Lag {
  readonly primary: string;
  readonly at: string;
  readonly standbys: readonly Replication[];
  /** Why a limit is broken; empty when none is. */
  readonly exceeded: readonly string[];
}

/**
 * Asks every database host whether it is the primary, and that one for its standbys: one round trip.
 * @param patienceMs A host that has not answered by then is left out; default: as long as the connection takes to be lost
 * @throws PgscaleError PGS_NO_LEADER
 */
export async function readLag(session: ClusterSession, limits: LagLimits = {}, patienceMs?: number): Promise<Lag> {
  const { spec, fleet } = session;
  const hosts = connectedDatabaseHosts(session);
  const rowOf = (host: Reader): Promise<LagRow | undefined> => {
    const row = lagOf(host, spec);
    return patienceMs === undefined ? row : Promise.race([row, sleep(patienceMs, undefined, { ref: false })]);
  };
  const answers = await Promise.all(hosts.map(async (host) => ({ host: host.name, row: await rowOf(host) })));
  const primary = answers.find(({ row }) => row?.isInRecovery === false);
  if (primary?.row === undefined) {
    throw new PgscaleError('PGS_NO_LEADER', {
      what: 'no primary answers, so nobody knows the lag',
      why: fleet.failures.map(({ message }) => message).join('\n') || 'no member takes writes',
    });
  }
  const standbys = primary.row.replication;
  return { primary: primary.host, at: new Date().toISOString(), standbys, exceeded: exceeded(spec, standbys, limits) };
}

/** What a watch shows instead of the lag: for a failover this is no error. @throws every other error */
export function noPrimary(error: unknown): { noPrimary: string } {
  if (error instanceof PgscaleError && error.code === 'PGS_NO_LEADER') return { noPrimary: error.why ?? error.message };
  throw error;
}

async function lagOf(host: Reader, spec: Spec): Promise<LagRow | undefined> {
  const rows = await readRows(host, { port: spec.postgres.port, name: 'postgres' }, LAG).catch((error: unknown) => {
    if (error instanceof PgscaleError) return undefined;
    throw error;
  });
  return rows?.[0];
}

/** Which limits are broken, and by whom. A standby that is not there is behind without end. Pure. */
export function exceeded(spec: Spec, standbys: readonly Replication[], limits: LagLimits): string[] {
  const { maxBytes, maxSeconds } = limits;
  if (maxBytes === undefined && maxSeconds === undefined) return [];
  const members = new Set(hostsWithRole(spec, 'database').map(({ name }) => name));
  const present = standbys.filter(({ name, state }) => members.has(name) && state === 'streaming');
  const missing = members.size - 1 - present.length;
  return [
    ...present.flatMap(({ name, replayLagBytes, replayLagSeconds }) => [
      ...(maxBytes !== undefined && (replayLagBytes ?? 0) > maxBytes
        ? [`${name} is ${replayLagBytes ?? 0} bytes behind, ${maxBytes} are allowed`]
        : []),
      ...(maxSeconds !== undefined && (replayLagSeconds ?? 0) > maxSeconds
        ? [`${name} is ${(replayLagSeconds ?? 0).toFixed(3)} s behind, ${maxSeconds} are allowed`]
        : []),
    ]),
    ...(missing > 0 ? [`${missing} of ${members.size - 1} standbys do not stream`] : []),
  ];
}
