import * as z from 'zod/mini';

import type { EtcdKey } from '../guard/cluster-view.ts';

const member = z.object({ replication_state: z.optional(z.nullable(z.string())) });

/**
 * When this member's turn to make a backup is, counted from 0: standbys that stream come first, by name, and the primary
 * last. Undefined for a member that is neither. From Patroni's keys, so that all members see the same. Pure.
 */
export function turnOf(keys: readonly EtcdKey[], prefix: string, own: string): number | undefined {
  const found = new Map(keys.map(({ key, value = '' }) => [text(key).slice(prefix.length), text(value)]));
  const leader = found.get('leader');
  const names = [...found.keys()].flatMap((key) => (key.startsWith('members/') ? key.slice('members/'.length) : []));
  const standbys = names
    .filter((name) => name !== leader && replicationState(found.get(`members/${name}`)) === 'streaming')
    .sort();
  const turn = [...standbys, ...(leader === undefined ? [] : [leader])].indexOf(own);
  return turn < 0 ? undefined : turn;
}

function replicationState(value: string | undefined): string | null | undefined {
  try {
    return member.parse(JSON.parse(value ?? '')).replication_state;
  } catch {
    return undefined;
  }
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
