import { input, select } from '@inquirer/prompts';

import { CONTEXT } from './prompt-context.ts';
import { moment } from './time.ts';

/** The flags that say to which moment. */
export interface TargetAnswers {
  to?: string;
  lsn?: string;
  xid?: string;
  name?: string;
  latest?: boolean;
  backup?: string;
}

interface ShownBackups {
  readonly backups: readonly { readonly label: string; readonly type: string; readonly stoppedAtMs: number }[];
  readonly windows: readonly { readonly timeline: number; readonly fromMs: number; readonly toMs: number }[];
}

type Kind = keyof TargetAnswers;

/**
 * Asks for the moment.
 *
 * @param check what is wrong with an answer; undefined when nothing is
 */
export async function askTarget(
  { backups, windows }: ShownBackups,
  check: (answers: TargetAnswers) => string | undefined,
): Promise<TargetAnswers> {
  const last = windows.at(-1);
  const kind = await select<Kind>(
    {
      message: 'Restore to',
      choices: [
        { value: 'to', name: 'a time', description: 'the last commit at or before it is the last that you get' },
        { value: 'latest', name: 'the latest moment', description: 'all that there is' },
        { value: 'name', name: 'a restore point', description: 'made by pgscale restore-point create' },
        { value: 'backup', name: 'a backup as it is' },
        { value: 'lsn', name: 'a position in the WAL' },
        { value: 'xid', name: 'a transaction' },
      ],
    },
    CONTEXT,
  );
  if (kind === 'latest') return { latest: true };
  if (kind === 'backup') {
    const choices = backups.toReversed().map(({ label, type, stoppedAtMs }) => ({
      value: label,
      name: `${label} (${type}, ended ${moment(stoppedAtMs)} UTC)`,
    }));
    return { backup: await select({ message: 'Which one?', choices }, CONTEXT) };
  }
  const validate = (text: string): string | true => check({ [kind]: text.trim() }) ?? true;
  const suggestion =
    kind === 'to' && last !== undefined ? { default: `${moment(last.toMs)}Z`, prefill: 'editable' as const } : {};
  const text = await input({ message: MESSAGES[kind], validate, ...suggestion }, CONTEXT);
  return { [kind]: text.trim() };
}

const MESSAGES = {
  to: 'Time, with its zone (2026-11-24 07:29:59+01):',
  name: 'Name of the restore point:',
  lsn: 'Position (1/6B374D48):',
  xid: 'Transaction:',
} as const;

/** Asks whether the cluster itself goes back; beside it is the answer that does no harm. */
export async function askWhere(): Promise<'side' | 'in-place'> {
  return select(
    {
      message: 'Where to?',
      choices: [
        {
          value: 'side',
          name: 'beside the cluster',
          description: 'a read-only server of its own; the cluster goes on',
        },
        {
          value: 'in-place',
          name: 'in place of the cluster',
          description: 'everything that was written since is gone from it',
        },
      ],
    },
    CONTEXT,
  );
}
