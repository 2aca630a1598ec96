import type { MemberRow } from '../sql/member.ts';
import type { Durability } from './picture.ts';

/**
 * Which guarantee holds right now for a commit that was acknowledged. Pure.
 *
 * @param wanted how many synchronous standbys the spec asks for
 */
export function durability(primary: MemberRow | undefined, wanted: number): Durability {
  const nobody = { synchronousStandbys: [], confirmations: 0, wanted };
  if (primary === undefined) return { ...nobody, guarantee: 'none', text: 'no primary was found that takes writes' };
  const isWaiting = primary.synchronousStandbyNames !== '' && confirms(primary.synchronousCommit);
  if (!isWaiting) return { ...nobody, guarantee: 'asynchronous', text: ASYNCHRONOUS };
  const standbys = primary.replication
    .filter(({ state, syncState }) => state === 'streaming' && isSynchronous(syncState))
    .map(({ name }) => name);
  const needed = confirmationsNeeded(primary.synchronousStandbyNames);
  if (standbys.length < needed) {
    const text = `writes wait: ${needed} of the synchronous standbys must confirm, ${standbys.length} are there`;
    return { ...nobody, guarantee: 'blocked', text, synchronousStandbys: standbys };
  }
  const names = standbys.join(', ');
  const places = needed === standbys.length ? names : `at least ${needed} of ${names}`;
  return {
    guarantee: needed < wanted ? 'reduced' : 'synchronous',
    text: `an acknowledged commit is on the disks of the primary and of ${places}`,
    synchronousStandbys: standbys,
    confirmations: needed,
    wanted,
  };
}

const ASYNCHRONOUS = 'an acknowledged commit is on the disk of the primary only; losing it may lose the last commits';

function isSynchronous(syncState: string): boolean {
  return syncState === 'sync' || syncState === 'quorum';
}

/** remote_write leaves the commit in the standby's memory, local and off do not wait for it at all. */
function confirms(synchronousCommit: string): boolean {
  return synchronousCommit === 'on' || synchronousCommit === 'remote_apply';
}

/**
 * How many standbys a commit waits for: `ANY 1 (a, b)`, `FIRST 2 (a, b, c)`, `2 (a, b)`, and a plain list, which is 1.
 * https://www.postgresql.org/docs/18/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES
 */
export function confirmationsNeeded(synchronousStandbyNames: string): number {
  const count = /^\s*(?:ANY|FIRST)?\s*(\d+)\s*\(/iu.exec(synchronousStandbyNames)?.[1];
  return count === undefined ? 1 : Number(count);
}
