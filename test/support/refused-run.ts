import { expect } from 'vitest';
import { z } from 'zod';

import type { CommandOutcome } from './lab-cluster.ts';
import type { WatchedRun } from './watched-run.ts';

const refusalSchema = z.object({ error: z.object({ code: z.string(), why: z.string() }) });

/** That a command was refused because another run has the lock, which it names by process and command. */
export function expectRefusedFor(holder: WatchedRun, command: string, { status, stdout }: CommandOutcome): void {
  expect(status).toBe(5);
  const { error } = refusalSchema.parse(JSON.parse(stdout));
  expect(error.code).toBe('PGS_LOCKED');
  expect(error.why).toContain(`pid ${holder.pid}`);
  expect(error.why).toContain(command);
}
