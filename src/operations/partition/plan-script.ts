import { archivesOf, withoutArchives } from '../../partitions/archives.ts';
import { literal } from '../../partitions/axis.ts';
import { limitsOf } from '../../partitions/limits.ts';
import { CHANGER_SETTINGS, NO_LIMITS } from '../../partitions/look.ts';
import type { Action, TablePlan } from '../../partitions/plan.ts';
import { keptFrom } from '../../partitions/retention.ts';
import { ROTATION_TIMINGS, TRY_LOCK } from '../../partitions/rotate.ts';
import { OLDEST_RUNNING, scriptOf, type Statement, statementsOf } from '../../partitions/statements.ts';

/** What only the run itself will know. */
const OLDEST = 'what the SELECT before the dump has given';
const YIELDS = comment('cancelled as soon as somebody waits behind it; the next try goes on');
const SEEN_AGAIN = comment(
  'from the second dump on, what is in the table by now is looked through for rows that are kept as well',
);

/** On one line: who owns a table may have put a line break into a name, and what follows it would be run. */
export function comment(text: string): string {
  return `-- ${text.replaceAll(/[\r\n]+/gu, ' ')}`;
}

/** What the session of a rotation begins with, as psql would take it. */
export const SESSION_SCRIPT: readonly string[] = [CHANGER_SETTINGS, NO_LIMITS, TRY_LOCK].map((each) => `${each};`);

/** One thing of a script, and under which limits it is run. */
interface Part {
  readonly limits?: string;
  readonly text: string;
}

/** What a rotation runs for one table, in its order, as psql would take it; what is no SQL is a comment. Pure. */
export function tableScript(plan: TablePlan): string[] {
  const actions = [...withoutArchives(plan.actions), ...archivesOf(plan.actions).flat()];
  const parts = actions.flatMap((action) => partsOf(plan, action));
  let limits: string | undefined;
  return parts.flatMap(({ text, ...part }) => {
    if (part.limits === undefined || part.limits === limits) return [text];
    limits = part.limits;
    return [`${limits};`, text];
  });
}

function partsOf(plan: TablePlan, action: Action): Part[] {
  const { id, kind } = action;
  if (kind === 'archive') {
    return [{ text: `${OLDEST_RUNNING};` }, { text: comment(`pg_dump ${id} to the object store, and read it back`) }];
  }
  if (kind !== 'drop') return statementsOf(plan, action).map(partOf);
  const isArchived = plan.actions.some((each) => each.kind === 'archive' && each.id === id);
  const proven = isArchived ? { ...action, unchangedSince: OLDEST } : action;
  return statementsOf(plan, proven)
    .map(partOf)
    .map((part) => ({
      ...part,
      text: [...(isArchived ? [SEEN_AGAIN] : []), ...boundsProof(plan, id), part.text].join('\n'),
    }));
}

function partOf(statement: Statement): Part {
  const text = scriptOf(statement);
  return {
    limits: limitsOf(statement, ROTATION_TIMINGS),
    text: statement.yields === true ? `${YIELDS}\n${text}` : text,
  };
}

/** Why nothing is looked for in what was a partition a moment ago: its rows are within its bounds, which are the catalog's. */
function boundsProof({ policy, found, keyType, now }: TablePlan, id: string): string[] {
  const upper = found?.partitions.find((each) => each.id === id)?.upper ?? null;
  if (policy.by !== 'range' || keyType === undefined || now === undefined || upper === null) return [];
  const kept = keptFrom(policy, keyType, now);
  if (kept === undefined) return [];
  const [end, from] = [literal(upper, keyType), literal(kept, keyType)];
  return [comment(`by its bounds, all rows of ${id} are before ${end}; rows from ${from} on are kept`)];
}
