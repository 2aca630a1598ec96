/** A member as Patroni tells of it. */
export interface BackupCandidate {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  /** Bytes behind the primary; Patroni says `unknown` when it does not know. */
  readonly lag?: number | string | undefined;
}

/**
 * The member that makes the backup: of the standbys that stream the least behind, by name among equals; the primary only
 * when there is none. Everybody who asks at the same moment gets the same answer. Pure.
 */
export function backupMember(members: readonly BackupCandidate[]): string | undefined {
  const standbys = members.filter(({ role, state }) => role !== 'leader' && state === 'streaming');
  const behind = ({ lag }: BackupCandidate): number => (typeof lag === 'number' ? lag : Number.MAX_SAFE_INTEGER);
  const [best] = standbys.toSorted((a, b) => behind(a) - behind(b) || a.name.localeCompare(b.name));
  return best?.name ?? members.find(({ role }) => role === 'leader')?.name;
}
