import { isStale, type Target } from './target.ts';
import { widened, type Widened } from './keys.ts';

/** One step of an adoption. Each is told from the catalog, so that one that was killed is gone on with. */
export type AdoptAction =
  /** Rows that arrive now would be refused by the CHECK of an adoption that was left for too long. */
  | { readonly kind: 'uncheck' }
  | { readonly kind: 'index'; readonly key: Widened }
  | { readonly kind: 'check' }
  | { readonly kind: 'validate' }
  | { readonly kind: 'parent' }
  | { readonly kind: 'swap' }
  /** Autovacuum analyzes partitions only. */
  | { readonly kind: 'analyze' };

/**
 * What is left to do, in order: what takes long comes before the CHECK that refuses rows, and the parent is made anew right
 * before the swap, so that it is as the table is by then. Pure.
 */
export function planAdoption(target: Target): AdoptAction[] {
  const { begun } = target.table;
  const stale = isStale(target);
  const isChecked = begun !== null && !stale;
  return [
    ...(stale ? [{ kind: 'uncheck' } as const] : []),
    ...widened(target.table)
      .filter(({ state }) => state !== 'ready')
      .map((key) => ({ kind: 'index', key }) as const),
    ...(isChecked ? [] : [{ kind: 'check' } as const]),
    ...(isChecked && begun.isValid ? [] : [{ kind: 'validate' } as const]),
    { kind: 'parent' },
    { kind: 'swap' },
    { kind: 'analyze' },
  ];
}
