import { z } from 'zod';

import { etcdctl } from '../../components/etcd/client.ts';
import { readMember } from '../../components/patroni/client.ts';
import { PATRONI } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { POSITION, type PositionRow } from '../../sql/position.ts';
import { readRows } from '../../sql/psql.ts';
import type { ClusterSession } from '../cluster-session.ts';

/** One member as its own host tells of it. */
export interface MemberFacts {
  readonly name: string;
  /** Why its host could not be asked. */
  readonly unreachable: string | undefined;
  /** Patroni's word for PostgreSQL; undefined when Patroni does not answer. */
  readonly state: string | undefined;
  readonly row: PositionRow | undefined;
}

/** Patroni's keys in etcd that decide who may lead; undefined when no majority of etcd answers. */
export interface ElectionKeys {
  readonly leader: string | undefined;
  readonly isPaused: boolean;
  readonly sync: { readonly leader: string | undefined; readonly voters: readonly string[]; readonly quorum: number };
  /** The last position of the primary that was noted, at most one loop of Patroni old. */
  readonly lastPosition: number | undefined;
  readonly noFailover: readonly string[];
}

export interface FailoverFacts {
  readonly members: readonly MemberFacts[];
  readonly keys: ElectionKeys | undefined;
  readonly synchronous: number;
  readonly etcd: { readonly asked: number; readonly answering: number };
}

const ANY = z.record(z.string(), z.unknown());
const rangeSchema = z.object({
  kvs: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
});
const syncSchema = z.object({
  leader: z.string().nullish(),
  sync_standby: z.string().nullish(),
  quorum: z.number().nullish(),
});
const statusSchema = z.object({ optime: z.number().optional() });

/** Reads what a failover has to know, from every host that answers. Changes nothing. */
export async function lookBeforeFailover(session: ClusterSession): Promise<FailoverFacts> {
  const { spec, fleet } = session;
  const dcs = hostsWithRole(spec, 'dcs');
  const [members, answers] = await Promise.all([
    Promise.all(hostsWithRole(spec, 'database').map((host) => memberFacts(session, host))),
    Promise.all(dcs.map((host) => electionKeys(session, host))),
  ]);
  const answering = answers.filter((each) => each !== undefined).length;
  const keys = answers.find((each) => each !== undefined);
  const etcd = { asked: dcs.filter(({ name }) => fleet.hosts.has(name)).length, answering };
  return { members, keys, synchronous: spec.replication.synchronous, etcd };
}

async function memberFacts(session: ClusterSession, host: HostSpec): Promise<MemberFacts> {
  const { spec, fleet } = session;
  const reader = fleet.hosts.get(host.name);
  if (reader === undefined) {
    const failure = fleet.failures.find((each) => each.host === host.name);
    return { name: host.name, unreachable: failure?.message ?? 'does not answer', state: undefined, row: undefined };
  }
  const [member, rows] = await Promise.all([
    readMember(reader, { spec, host }).catch(() => undefined),
    readRows(reader, { port: spec.postgres.port, name: 'postgres' }, POSITION).catch(() => undefined),
  ]);
  return { name: host.name, unreachable: undefined, state: member?.state, row: rows?.[0] };
}

/** A linearizable read: an etcd without a majority gives no answer. */
async function electionKeys(session: ClusterSession, host: HostSpec): Promise<ElectionKeys | undefined> {
  const prefix = `${PATRONI.dcsNamespace}/${session.spec.cluster}/`;
  const command = etcdctl(session.spec, host, 'get', '--prefix', prefix, '--write-out=json');
  const answer = await session.fleet.hosts
    .get(host.name)
    ?.read(command)
    .catch(() => undefined);
  return answer?.exitCode === 0 ? parseElectionKeys(answer.stdout, prefix) : undefined;
}

/** Pure; exported for the tests. */
export function parseElectionKeys(text: string, prefix: string): ElectionKeys {
  const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  const { kvs } = rangeSchema.parse(JSON.parse(text));
  const found = new Map(kvs.map(({ key, value }) => [decode(key).slice(prefix.length), decode(value)]));
  const sync = parsed(syncSchema, found.get('sync'));
  const members = [...found].filter(([key]) => key.startsWith('members/'));
  return {
    leader: found.get('leader'),
    isPaused: parsed(ANY, found.get('config'))?.pause === true,
    sync: {
      leader: sync?.leader ?? undefined,
      voters: (sync?.sync_standby ?? '').split(',').filter((name) => name !== ''),
      quorum: sync?.quorum ?? 0,
    },
    lastPosition: parsed(statusSchema, found.get('status'))?.optime,
    noFailover: members
      .filter(([, value]) => parsed(ANY.pipe(z.object({ tags: ANY })), value)?.tags.nofailover === true)
      .map(([key]) => key.slice('members/'.length)),
  };
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
