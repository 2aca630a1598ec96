import prettyMs from 'pretty-ms';

import type { Spec } from '../spec/schema.ts';
import type { Reports } from './members.ts';
import type { DrillPicture, Problem } from './picture.ts';

const DAY_MS = 86_400_000;

/** The newest restore drill and the newest one that passed, of all hosts that tell; null when there was none. Pure. */
export function drillPicture(reports: Reports): DrillPicture | null {
  const all = [...reports.values()].flatMap(({ host, archive }) =>
    archive?.drill === undefined ? [] : [{ host, outcome: archive.drill }],
  );
  const newest = all.toSorted((a, b) => a.outcome.at.localeCompare(b.outcome.at)).at(-1);
  if (newest === undefined) return null;
  const { at, result, problems } = newest.outcome;
  const passed = all.flatMap(({ host, outcome }) => (outcome.lastGood === null ? [] : [{ host, ...outcome.lastGood }]));
  const good = passed.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1) ?? null;
  return { last: { host: newest.host, at, result, problems }, good };
}

/** What is wrong with the drills, when the spec wants them. Pure. */
export function drillProblems(
  wanted: NonNullable<Spec['backup']>['drill'],
  drill: DrillPicture | null,
  now: Date,
): Problem[] {
  if (wanted === undefined) return [];
  const problem = (id: string, text: string): Problem => ({ id, severity: 'degraded', text });
  if (drill === null) return [problem('drill-missing', 'no restore was ever tried; `pgscale drill restore`')];
  const { last, good } = drill;
  if (last.result === 'failed') {
    return [
      { ...problem('drill-failed', `the last restore drill failed: ${last.problems.join('; ')}`), host: last.host },
    ];
  }
  const ageMs = good === null ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(good.at);
  if (ageMs <= wanted.maxAgeDays * DAY_MS) return [];
  return [
    problem(
      'drill-old',
      `the last restore drill that passed is ${prettyMs(ageMs, { unitCount: 1 })} old; \`pgscale drill restore\``,
    ),
  ];
}
