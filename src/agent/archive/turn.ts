import { PatroniKeys, type EtcdKey } from '../patroni-keys.ts';

/**
 * When this member's turn to make a backup is, counted from 0: standbys that stream come first, by name, and the primary
 * last. Undefined for a member that is neither. From Patroni's keys, so that all members see the same. Pure.
 */
export function turnOf(keys: readonly EtcdKey[], prefix: string, own: string): number | undefined {
  const found = new PatroniKeys(keys, prefix);
  const leader = found.leader?.name;
  const standbys = found.memberNames
    .filter((name) => name !== leader && found.member(name)?.replication_state === 'streaming')
    .sort();
  const turn = [...standbys, ...(leader === undefined ? [] : [leader])].indexOf(own);
  return turn < 0 ? undefined : turn;
}
