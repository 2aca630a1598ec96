import { realpath, rename, stat, writeFile } from 'node:fs/promises';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Step } from '../../run/step.ts';
import { readSpecText } from '../../spec/load.ts';

/**
 * The step that puts the edited spec in the place of the one that was read. The text has been validated; until the rename
 * the old file is there, whole.
 */
export function specStep(specPath: string, before: string, after: string): Step {
  return {
    id: 'spec',
    title: `The spec ${specPath}`,
    deadlineMs: 10_000,
    done: async () => ((await readSpecText(specPath)) === after ? 'says so already' : false),
    run: async () => {
      if ((await readSpecText(specPath)) !== before) {
        throw new PgscaleError('PGS_PLAN_STALE', {
          what: `${specPath} was changed by somebody else while this ran; it was left as it is`,
          next: ['Run the same command again: it goes on where it stopped.'],
        });
      }
      const path = await realpath(specPath);
      const temporary = `${path}.${process.pid}.tmp`;
      await writeFile(temporary, after, { flag: 'wx', mode: (await stat(path)).mode });
      await rename(temporary, path);
    },
  };
}
