import { parseLsn, segmentOf, type Segment } from './segment.ts';

/** A timeline and the position at which the next one left it. */
export interface Ancestor {
  readonly timeline: number;
  readonly endLsn: number;
}

/**
 * The ancestors of a timeline as its history file has them, the oldest first. Pure.
 * https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-TIMELINES
 */
export function parseHistory(text: string): Ancestor[] {
  return text.split('\n').flatMap((line) => {
    const [, timeline, position] = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/u.exec(line) ?? [];
    const endLsn = position === undefined ? undefined : parseLsn(position);
    return endLsn === undefined ? [] : [{ timeline: Number(timeline), endLsn }];
  });
}

/** Where each part of a timeline's past is: its ancestors' up to where they were left, then its own. */
export class Lineage {
  readonly timeline: number;
  readonly #ancestors: readonly Ancestor[];

  constructor(timeline: number, ancestors: readonly Ancestor[]) {
    this.timeline = timeline;
    this.#ancestors = ancestors.map((ancestor, index) => {
      // A restore that goes back behind the beginning of its parent leaves the older ones there, too.
      const endLsn = Math.min(...ancestors.slice(index).map((each) => each.endLsn));
      return { ...ancestor, endLsn };
    });
  }

  /** The segment file that recovery along this timeline reads; the one in which it began is under its own name. */
  segmentAt(number: number): Segment {
    const owner = this.#ancestors.find(({ endLsn }) => number < segmentOf(endLsn));
    return { timeline: owner?.timeline ?? this.timeline, number };
  }

  /** Whether a position of another timeline is in this one's past. */
  holds(timeline: number, lsn: number): boolean {
    if (timeline === this.timeline) return true;
    const ancestor = this.#ancestors.find((each) => each.timeline === timeline);
    return ancestor !== undefined && lsn <= ancestor.endLsn;
  }

  /** Where it left its parent; 0 for the first timeline. */
  get beginLsn(): number {
    return this.#ancestors.at(-1)?.endLsn ?? 0;
  }
}
