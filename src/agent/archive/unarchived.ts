const DONE = /^(?:[0-9A-F]{24}|[0-9A-F]{8}\.history)\.done$/u;

/**
 * What a standby received and took for archived, and what is not in the repository. A standby marks every finished segment
 * `.done`, because the primary archives it; a primary that died may not have come to it.
 * https://www.postgresql.org/docs/18/warm-standby.html#CONTINUOUS-ARCHIVING-IN-STANDBY
 *
 * @param marks the names in pg_wal/archive_status
 * @param present the names in pg_wal
 * @param archived names of segments and histories in the repository; undefined when it does not say: then all count, since
 * pgBackRest takes a file again that it has already, as long as it is the same
 */
export function unarchived(
  marks: readonly string[],
  present: ReadonlySet<string>,
  archived: ReadonlySet<string> | undefined,
): string[] {
  return marks
    .filter((mark) => DONE.test(mark))
    .map((mark) => mark.slice(0, -'.done'.length))
    .filter((name) => present.has(name) && archived?.has(name) !== true)
    .sort();
}

/** The segments and histories in a listing of the repository, whose names have a checksum behind. Pure. */
export function archivedNames(listing: string): Set<string> {
  const names = listing.matchAll(/(?:^|\/)([0-9A-F]{24}(?=-[0-9a-f]{40})|[0-9A-F]{8}\.history)/gmu);
  return new Set([...names].flatMap(([, name]) => name ?? []));
}
