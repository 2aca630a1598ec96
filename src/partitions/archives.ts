import type { Action } from './plan.ts';

/** Dumping and what comes after it, for each table that is to be archived. Pure. */
export function archivesOf(actions: readonly Action[]): Action[][] {
  const archived = actions.filter(({ kind }) => kind === 'archive').map(({ id }) => id);
  return archived.map((id) =>
    actions.filter(({ kind, ...each }) => each.id === id && (kind === 'archive' || kind === 'drop')),
  );
}

/** What is done first, because it is short. Pure. */
export function withoutArchives(actions: readonly Action[]): Action[] {
  const later = new Set(archivesOf(actions).flat());
  return actions.filter((each) => !later.has(each));
}
