import type { Catalogue } from './catalogue.ts';
import { lineageOf } from './window.ts';

/** What a timeline has that recovery along another one does not come by. */
interface Course {
  readonly timeline: number;
  /** When the last segment before it arrived, and its own last one. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The timeline on which the cluster was at a moment, when the newest one has left it at an earlier state: by a restore in place,
 * or by a failover that lost commits. Undefined when that moment is in the newest one's own past. Pure.
 *
 * When segments arrived is all that tells, and that is after what they have was written: a moment of the segment in which a
 * timeline was left counts as given up.
 */
export function givenUpAt(catalogue: Catalogue, newest: number, atMs: number): number | undefined {
  const begun = catalogue.segments.filter(({ storedAtMs }) => storedAtMs <= atMs).map(({ timeline }) => timeline);
  const present = latest(begun);
  return coursesGivenUp(catalogue, newest).find(
    ({ timeline, fromMs, toMs }) => timeline >= present && fromMs < atMs && atMs <= toMs,
  )?.timeline;
}

/** The oldest first: until the segments of the next one arrive, it is the one that the cluster is on. */
function coursesGivenUp(catalogue: Catalogue, newest: number): Course[] {
  const { segments } = catalogue;
  const lineage = lineageOf(catalogue, newest);
  const left = segments.filter(({ timeline, number }) => lineage.segmentAt(number).timeline !== timeline);
  const courses = [...new Set(left.map(({ timeline }) => timeline))].map((timeline): Course => {
    const own = left.filter((each) => each.timeline === timeline);
    const first = own.reduce((least, { number }) => Math.min(least, number), Number.POSITIVE_INFINITY);
    const before = lineageOf(catalogue, timeline).segmentAt(first - 1);
    const shared = segments.find((each) => each.timeline === before.timeline && each.number === before.number);
    return { timeline, fromMs: shared?.storedAtMs ?? 0, toMs: latest(own.map(({ storedAtMs }) => storedAtMs)) };
  });
  return courses.sort((a, b) => a.timeline - b.timeline);
}

/** An archive may have more segments than a call may have arguments. */
function latest(values: readonly number[]): number {
  return values.reduce((most, each) => Math.max(most, each), 0);
}
