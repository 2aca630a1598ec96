import type { SlotsByMember } from '../../cluster/slots.ts';
import type { ClusterAnswer } from '../../components/patroni/answers.ts';
import type { PoolerReport } from '../../components/pgbouncer/client.ts';
import type { ProxyStatus } from '../../components/haproxy/client.ts';
import type { LogicalSlot } from '../../sql/slot.ts';
import type { SwitchoverRow } from '../../sql/switchover.ts';

/** One thing that was looked at before a switchover. A `fail` stops it, a `warn` is worth knowing. */
export interface PreflightItem {
  readonly item: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

/** All that was read for the pre-flight, in one look. */
export interface PreflightFacts {
  /** How many standbys have to confirm a commit. */
  readonly synchronous: number;
  readonly cluster: ClusterAnswer;
  readonly primary: string;
  readonly row: SwitchoverRow;
  readonly pauseTimeoutMs: number;
  readonly poolers: readonly { readonly host: string; readonly processes: readonly PoolerReport[] }[];
  readonly proxies: readonly { readonly host: string; readonly status: ProxyStatus | undefined }[];
  /** The logical slots of each member that answers. */
  readonly slots: SlotsByMember;
  /** Database or proxy hosts without an SSH connection. */
  readonly unreachable: readonly string[];
}

/** Patroni refuses an asynchronous candidate that is further behind (maximum_lag_on_failover); anyone has to catch up. */
const LAG_BYTES_MAX = 1024 ** 2;
/** PostgreSQL archives all of them while it stops, and nobody can write meanwhile. */
const ARCHIVE_BACKLOG_MAX = 3;
const SYNC_STATE = 'sync state';
/** A consumer that was there so lately comes back. */
const IN_USE_SECONDS = 3600;
/** PostgreSQL stops when every consumer that is connected has all of it, and nobody can write meanwhile. */
const CONSUMER_BEHIND_BYTES_MAX = 64 * 1024 ** 2;

/** What speaks for or against moving the primary to `candidate`. Pure. */
export function preflight(facts: PreflightFacts, candidate: string): PreflightItem[] {
  return [
    ...candidateItems(facts, candidate),
    ...transactionItems(facts),
    ...archiveItems(facts.row),
    ...consumerItems(facts),
    ...routingItems(facts),
    facts.cluster.pause
      ? item('Patroni', 'warn', 'is paused: it would not fail over if something broke meanwhile')
      : item('Patroni', 'ok', 'is not paused'),
  ];
}

/** The standby to move to when none was named: one that can, synchronous before asynchronous, then the least behind. Pure. */
export function bestCandidate(facts: PreflightFacts): string | undefined {
  const standbys = facts.cluster.members.filter(({ name }) => name !== facts.primary);
  const able = standbys.filter(({ name }) => candidateItems(facts, name).every(({ verdict }) => verdict !== 'fail'));
  const stream = (name: string): { isSync: boolean; lag: number } => {
    const found = facts.row.replication.find((each) => each.name === name);
    return { isSync: isSynchronous(found?.syncState), lag: found?.replayLagBytes ?? 0 };
  };
  const ranked = able.toSorted((one, other) => {
    const [a, b] = [stream(one.name), stream(other.name)];
    return Number(b.isSync) - Number(a.isSync) || a.lag - b.lag || one.name.localeCompare(other.name);
  });
  return ranked[0]?.name;
}

/**
 * Whether nothing but a vote is missing, which a standby that streams gets some ten seconds after a role change: that of `to`,
 * or when none was named, of anybody. Pure.
 */
export function lacksOnlyVote(facts: PreflightFacts, to: string | undefined): boolean {
  if (to === undefined && bestCandidate(facts) !== undefined) return false;
  const streaming = facts.row.replication.filter(({ name, state }) => state === 'streaming' && name === (to ?? name));
  return streaming.some(({ name }) => {
    const failed = candidateItems(facts, name).filter(({ verdict }) => verdict === 'fail');
    return failed.length > 0 && failed.every(({ item: what }) => what === SYNC_STATE);
  });
}

function candidateItems(facts: PreflightFacts, name: string): PreflightItem[] {
  const { cluster, primary, row, synchronous } = facts;
  const member = cluster.members.find((each) => each.name === name);
  if (name === primary) return [item('candidate', 'fail', `${name} is the primary already`)];
  if (member === undefined) return [item('candidate', 'fail', `Patroni knows no member ${name}`)];
  const stream = row.replication.find((each) => each.name === name);
  return [
    stream?.state === 'streaming'
      ? item('candidate', 'ok', `${name} streams from ${primary}`)
      : item('candidate', 'fail', `${name} does not stream from ${primary} (${member.state})`),
    tagItem(member),
    member.timeline === row.timeline
      ? item('timeline', 'ok', `${row.timeline} on both`)
      : item('timeline', 'fail', `${name} is on ${member.timeline ?? 'none'}, ${primary} on ${row.timeline}`),
    lagItem(stream?.replayLagBytes ?? undefined),
    syncItem(name, synchronous, stream?.syncState),
    ...copyItems(facts, name),
  ];
}

/** A slot in use that the candidate has no copy of would be gone, and with it every change since. */
function copyItems({ slots, primary }: PreflightFacts, name: string): PreflightItem[] {
  const own = (slots.get(primary) ?? []).filter(({ walStatus }) => walStatus !== 'lost');
  const isCopied = (slot: LogicalSlot): boolean =>
    (slots.get(name) ?? []).some((each) => each.name === slot.name && each.isSynced && each.walStatus !== 'lost');
  const without = own.filter((slot) => !isCopied(slot));
  if (own.length === 0) return [];
  if (without.length === 0) return [item('slots', 'ok', `${name} has a copy of ${namesOf(own)}`)];
  const inUse = without.filter(({ isFailover, isActive, inactiveSeconds }) => {
    return isFailover && (isActive || (inactiveSeconds ?? Infinity) < IN_USE_SECONDS);
  });
  if (inUse.length === 0) return [item('slots', 'warn', `${namesOf(without)} will not be there on ${name}`)];
  const what = `${name} has no usable copy of ${namesOf(inUse)} yet; after a role change that takes up to a minute`;
  return [item('slots', 'fail', what)];
}

function namesOf(slots: readonly LogicalSlot[]): string {
  return slots.map(({ name }) => name).join(', ');
}

function consumerItems({ slots, primary }: PreflightFacts): PreflightItem[] {
  const behind = (slots.get(primary) ?? []).filter(
    ({ isActive, behindBytes }) => isActive && (behindBytes ?? 0) > CONSUMER_BEHIND_BYTES_MAX,
  );
  if (behind.length === 0) return [];
  const what = `the consumers of ${namesOf(behind)} are far behind: the primary would not stop before they have everything`;
  return [item('consumers', 'fail', what)];
}

function tagItem({ name, tags }: ClusterAnswer['members'][number]): PreflightItem {
  return tags.nofailover === true || tags.failover_priority === 0
    ? item('tags', 'fail', `${name} is tagged as no candidate (nofailover)`)
    : item('tags', 'ok', `${name} may become the primary`);
}

function lagItem(lagBytes: number | undefined): PreflightItem {
  if (lagBytes === undefined) return item('lag', 'fail', 'not known');
  return lagBytes > LAG_BYTES_MAX
    ? item('lag', 'fail', `${lagBytes} bytes to replay, at most ${LAG_BYTES_MAX}`)
    : item('lag', 'ok', `${lagBytes} bytes to replay`);
}

function syncItem(name: string, synchronous: number, syncState: string | undefined): PreflightItem {
  if (synchronous === 0) return item(SYNC_STATE, 'ok', 'asynchronous; the primary hands over all it has when it stops');
  return isSynchronous(syncState)
    ? item(SYNC_STATE, 'ok', `${name} confirms commits (${syncState ?? ''})`)
    : item(SYNC_STATE, 'fail', `${name} does not confirm commits (${syncState ?? 'not connected'})`);
}

function isSynchronous(syncState: string | undefined): boolean {
  return syncState === 'sync' || syncState === 'quorum';
}

function transactionItems({ row, pauseTimeoutMs }: PreflightFacts): PreflightItem[] {
  const { longTransactions: long, preparedTransactions: prepared } = row;
  const listed = long
    .map(({ pid, application, seconds }) => `${pid} ${application} ${seconds.toFixed(0)} s`)
    .join(', ');
  const limit = `${pauseTimeoutMs / 1000} s`;
  return [
    long.length === 0
      ? item('transactions', 'ok', `none is open for more than ${limit}`)
      : item('transactions', 'warn', `open for more than ${limit}, PAUSE waits for them: ${listed}`),
    prepared === 0
      ? item('prepared', 'ok', 'no prepared transactions')
      : item('prepared', 'warn', `${prepared} prepared transactions keep their locks on the new primary`),
  ];
}

function archiveItems({ isArchiving, isArchiveFailing, archiveBacklog }: SwitchoverRow): PreflightItem[] {
  if (!isArchiving) return [];
  if (isArchiveFailing)
    return [item('archiving', 'fail', 'the last attempt failed: the primary would not stop before it works')];
  return [
    archiveBacklog > ARCHIVE_BACKLOG_MAX
      ? item('archiving', 'fail', `${archiveBacklog} segments wait, and all are archived while nobody can write`)
      : item('archiving', 'ok', `${archiveBacklog} segments wait`),
  ];
}

function routingItems({ poolers, proxies, primary, unreachable }: PreflightFacts): PreflightItem[] {
  const silent = poolers.flatMap(({ host, processes }) =>
    processes.filter(({ status }) => status === undefined).map(({ process }) => `${host} process ${process}`),
  );
  const count = poolers.reduce((sum, { processes }) => sum + processes.length, 0);
  const astray = proxies.filter(({ status }) => status?.primary.join() !== primary).map(({ host }) => host);
  return [
    silent.length === 0
      ? item('poolers', 'ok', `${count} processes on ${poolers.length} hosts answer`)
      : item('poolers', 'fail', `no answer from ${silent.join(', ')}`),
    astray.length === 0
      ? item('proxies', 'ok', `all lead to ${primary}`)
      : item('proxies', 'fail', `HAProxy on ${astray.join(', ')} does not lead to ${primary} alone`),
    ...(unreachable.length === 0
      ? []
      : [item('hosts', 'warn', `${unreachable.join(', ')} cannot be reached: clients of their poolers are not held`)]),
  ];
}

function item(name: string, verdict: PreflightItem['verdict'], text: string): PreflightItem {
  return { item: name, verdict, text };
}
