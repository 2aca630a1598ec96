import type { ClusterView } from './cluster-view.ts';

/**
 * Patroni may have its reasons (a standby too far behind): then it is left to its own clock. But for one look at the promotion it
 * changes no vote for `loop_wait` (10 s) after that, so the last looks, 2 s apart, have to come later (`process_sync_replication`
 * in https://github.com/patroni/patroni/blob/v4.1.4/patroni/ha.py).
 */
const NUDGES_MAX = 8;

/**
 * Says when Patroni should look at its standbys now rather than up to `loop_wait` later. A new primary that waits for the vote
 * of a dead one lets nobody commit until then, and a standby that is back has no vote until then (docs/decisions/guard.md).
 */
export class Nudge {
  #count = 0;
  #lastAskedAtMs: number | undefined;

  /** Whether Patroni is to be woken because of what etcd has just told. */
  isDue({ askedAtMs, areVotersStale, isPaused }: ClusterView): boolean {
    if (isPaused || !areVotersStale) {
      this.#count = 0;
      return false;
    }
    if (askedAtMs === this.#lastAskedAtMs || this.#count >= NUDGES_MAX) return false;
    this.#lastAskedAtMs = askedAtMs;
    this.#count += 1;
    return true;
  }
}
