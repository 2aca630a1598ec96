import { z } from 'zod';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host, Reader } from '../../host/host.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { etcdctl } from './client.ts';
import { peerUrl } from './settings.ts';

/** A member of etcd as the others know it. Its id is hexadecimal text: 64 bits do not fit a number. */
export interface EtcdMember {
  readonly id: string;
  /** Empty before it has started for the first time. */
  readonly name: string;
  readonly peerUrl: string;
  /** Gets the log, but has no vote yet. https://etcd.io/docs/v3.5/learning/design-learner/ */
  readonly isLearner: boolean;
}

/** A dcs host whose member is asked, by its own Host. */
export interface EtcdPlace {
  readonly host: Host;
  readonly spec: Spec;
  readonly hostSpec: HostSpec;
}

const rowSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.enum(['true', 'false'])]);

/** All members; undefined when etcd on this host does not answer, for it needs a majority. */
export async function readEtcdMembers(
  reader: Reader,
  spec: Spec,
  host: HostSpec,
): Promise<readonly EtcdMember[] | undefined> {
  const answer = await reader.read(etcdctl(spec, host, 'member', 'list', '--write-out=simple'));
  return answer.exitCode === 0 ? parseEtcdMembers(answer.stdout) : undefined;
}

/** Reads `ID, status, name, peer URLs, client URLs, is learner`, one member a line. Pure; undefined when it is something else. */
export function parseEtcdMembers(text: string): EtcdMember[] | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  const rows = lines.map((line) => rowSchema.safeParse(line.split(', ')).data);
  if (rows.some((row) => row === undefined)) return undefined;
  return rows.flatMap((row) => {
    if (row === undefined) return [];
    const [id, , name, url, , isLearner] = row;
    return { id, name, peerUrl: url, isLearner: isLearner === 'true' };
  });
}

/** The member that has the address of this host. Pure. */
export function memberOf(members: readonly EtcdMember[], spec: Spec, host: HostSpec): EtcdMember | undefined {
  return members.find((each) => each.peerUrl === peerUrl(spec, host));
}

/** `pg1=https://10.0.0.11:2380,…` for a member that joins: exactly the members that there are. Pure. */
export function initialCluster(members: readonly EtcdMember[], joining: { name: string; peerUrl: string }): string {
  return members
    .map((each) => `${each.peerUrl === joining.peerUrl ? joining.name : each.name}=${each.peerUrl}`)
    .join(',');
}

/** Announces a member that gets the log at first and has no vote. @throws PgscaleError PGS_REMOTE_ANSWER */
export async function addLearner(place: EtcdPlace, joining: HostSpec): Promise<void> {
  const url = peerUrl(place.spec, joining);
  await change(place, ['add', joining.name, '--learner', `--peer-urls=${url}`]);
}

/** Gives a learner its vote; false while it has not caught up. */
export async function promoteLearner(place: EtcdPlace, id: string): Promise<boolean> {
  const answer = await place.host.run(etcdctl(place.spec, place.hostSpec, 'member', 'promote', id), {
    okStatuses: 'any',
  });
  return answer.exitCode === 0;
}

/** Takes a member out. @throws PgscaleError PGS_REMOTE_ANSWER */
export async function removeEtcdMember(place: EtcdPlace, id: string): Promise<void> {
  await change(place, ['remove', id]);
}

async function change({ host, spec, hostSpec }: EtcdPlace, args: readonly string[]): Promise<void> {
  const answer = await host.run(etcdctl(spec, hostSpec, 'member', ...args), { okStatuses: 'any' });
  if (answer.exitCode === 0) return;
  throw new PgscaleError('PGS_REMOTE_ANSWER', {
    what: `etcd on ${host.name} refused: member ${args.join(' ')}`,
    host: host.name,
    why: answer.stderr,
  });
}
