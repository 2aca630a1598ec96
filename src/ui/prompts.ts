import { confirm as ask, input } from '@inquirer/prompts';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { CONTEXT } from './prompt-context.ts';

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks a yes-or-no question; no is the default. @throws PgscaleError PGS_NOT_CONFIRMED without a terminal. */
export async function confirm(message: string): Promise<boolean> {
  requireTerminal('--yes');
  return ask({ message, default: false }, CONTEXT);
}

/** Asks unless `--yes` was given. @throws PgscaleError PGS_NOT_CONFIRMED when the answer is no, or nobody is there to ask */
export async function confirmed(isSure: boolean, message: string): Promise<void> {
  if (isSure || (await confirm(message))) return;
  throw new PgscaleError('PGS_NOT_CONFIRMED', { what: 'not confirmed, nothing was changed' });
}

/** Asks for a name to be typed, as a guard before data is destroyed. @throws PgscaleError PGS_NOT_CONFIRMED without a terminal. */
async function typedName(message: string): Promise<string> {
  requireTerminal('--yes --cluster NAME');
  return input({ message }, CONTEXT);
}

/**
 * Has the name of the cluster typed before data is destroyed, or takes `--cluster` for it with `--yes`.
 * @throws PgscaleError PGS_NOT_CONFIRMED when it is another name, or nobody is there to ask
 */
export async function confirmedByName(
  { yes, cluster: given = '' }: { readonly yes: boolean; readonly cluster?: string | undefined },
  cluster: string,
): Promise<void> {
  const typed = yes ? given : await typedName('Type the name of the cluster to go on:');
  if (typed === cluster) return;
  throw new PgscaleError('PGS_NOT_CONFIRMED', {
    what: `${typed} is not the name of this cluster (${cluster}); nothing was changed`,
  });
}

function requireTerminal(flags: string): void {
  if (canAsk()) return;
  throw new PgscaleError('PGS_NOT_CONFIRMED', {
    what: 'there is no terminal to ask on',
    next: [`run the same command with ${flags}`],
  });
}
