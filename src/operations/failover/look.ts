import { z } from 'zod';

import { etcdctl } from '../../components/etcd/client.ts';
import { parseJson } from '../../host/parse-json.ts';
import { readMember } from '../../components/patroni/client.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { dcsPrefix } from '../../spec/services.ts';
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
  /** It goes on without etcd because every other member agrees (failsafe_mode). */
  readonly isFailsafe: boolean;
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
  /** Patroni elects nobody by itself who is further behind the last noted position; undefined where it sets no limit. */
  readonly lagLimitBytes: number | undefined;
}

export interface FailoverFacts {
  readonly members: readonly MemberFacts[];
  readonly keys: ElectionKeys | undefined;
  readonly synchronous: number;
  readonly etcd: { readonly asked: number; readonly answering: number };
}

const rangeSchema = z.object({
  kvs: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
});
const syncSchema = z.object({
  leader: z.string().nullish(),
  sync_standby: z.string().nullish(),
  quorum: z.number().nullish(),
});
const statusSchema = z.object({ optime: z.number().optional() });
const configSchema = z.object({
  pause: z.boolean().nullish(),
  maximum_lag_on_failover: z.number().nullish(),
});
const memberSchema = z.object({
  tags: z.object({ nofailover: z.boolean().optional(), failover_priority: z.number().default(1) }),
});

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
    const unreachable = failure?.message ?? 'does not answer';
    return { name: host.name, unreachable, state: undefined, isFailsafe: false, row: undefined };
  }
  const [member, rows] = await Promise.all([
    readMember(reader, { spec, host }).catch(() => undefined),
    readRows(reader, { port: spec.postgres.port, name: 'postgres' }, POSITION).catch(() => undefined),
  ]);
  return {
    name: host.name,
    unreachable: undefined,
    state: member?.state,
    isFailsafe: member?.failsafe_mode_is_active ?? false,
    row: rows?.[0],
  };
}

/** A linearizable read: an etcd without a majority gives no answer. */
async function electionKeys(session: ClusterSession, host: HostSpec): Promise<ElectionKeys | undefined> {
  const prefix = dcsPrefix(session.spec);
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
  const sync = parseJson(syncSchema, found.get('sync'));
  const config = parseJson(configSchema, found.get('config'));
  const members = [...found].filter(([key]) => key.startsWith('members/'));
  return {
    leader: found.get('leader'),
    isPaused: config?.pause === true,
    sync: {
      leader: sync?.leader ?? undefined,
      voters: (sync?.sync_standby ?? '').split(',').filter((name) => name !== ''),
      quorum: sync?.quorum ?? 0,
    },
    lastPosition: parseJson(statusSchema, found.get('status'))?.optime,
    noFailover: members.filter(([, value]) => isNoCandidate(value)).map(([key]) => key.slice('members/'.length)),
    lagLimitBytes: config?.maximum_lag_on_failover ?? undefined,
  };
}

/** https://patroni.readthedocs.io/en/latest/yaml_configuration.html#tags: a priority of 0 says the same. */
function isNoCandidate(member: string): boolean {
  const tags = parseJson(memberSchema, member)?.tags;
  return tags !== undefined && (tags.nofailover ?? tags.failover_priority <= 0);
}
