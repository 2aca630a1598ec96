import { setTimeout as sleep } from 'node:timers/promises';

import { normalise } from '../errors/normalise.ts';
import { renderError } from '../errors/render.ts';

const CLEAR_SCREEN = '\u001B[2J\u001B[H';

/**
 * Shows what a look gives, again and again, until Ctrl-C. A look that fails is no end: in a failover many do, and that is
 * when somebody watches.
 */
export async function watchScreen(
  look: () => Promise<string>,
  intervalMs: number,
  write: (text: string) => void = (text) => process.stdout.write(text),
): Promise<never> {
  for (;;) {
    const shown = await look().catch(errorText);
    write(`${CLEAR_SCREEN}${shown}\n`);
    await sleep(intervalMs);
  }
}

function errorText(thrown: unknown): string {
  return normalise(thrown, '').map(renderError).join('\n\n');
}
