import type { MemberRow } from '../sql/member.ts';
import type { Durability } from './picture.ts';

/**
 * Which guarantee holds right now for a commit that was acknowledged. Pure.
 *
 * @param wanted how many synchronous standbys the spec asks for
 */
export function durability(primary: MemberRow | undefined, wanted: number): Durability {
  if (primary === undefined) {
    return { guarantee: 'none', text: 'no primary takes writes', synchronousStandbys: [], wanted };
  }
  const streaming = primary.replication.filter(({ state }) => state === 'streaming');
  const standbys = streaming.filter((each) => isSynchronous(each.syncState)).map(({ name }) => name);
  const isWaiting = primary.synchronousStandbyNames !== '' && confirms(primary.synchronousCommit);
  if (!isWaiting) return { guarantee: 'asynchronous', text: ASYNCHRONOUS, synchronousStandbys: [], wanted };
  if (standbys.length === 0) {
    return {
      guarantee: 'blocked',
      text: 'writes wait: no synchronous standby is there',
      synchronousStandbys: [],
      wanted,
    };
  }
  return {
    guarantee: standbys.length < wanted ? 'reduced' : 'synchronous',
    text: `an acknowledged commit is on the disks of the primary and of ${standbys.join(', ')}`,
    synchronousStandbys: standbys,
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
