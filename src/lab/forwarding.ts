import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { forwards, stopForwarding } from './network.ts';
import { stateDirectory } from './paths.ts';

/** Its presence says that forwarding was off before the first lab, so that the last one switches it off again. */
const marker = (): string => path.join(stateDirectory(), '.ip-forward-was-off');

/** To be called before a lab switches forwarding on. */
export async function rememberForwarding(): Promise<void> {
  if (await forwards()) return;
  await mkdir(stateDirectory(), { recursive: true });
  await writeFile(marker(), '');
}

/** To be called when the last lab has ended. */
export async function restoreForwarding(): Promise<void> {
  const wasOff = await rm(marker()).then(
    () => true,
    () => false,
  );
  if (wasOff) await stopForwarding();
}
