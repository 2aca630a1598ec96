import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import type { LabCluster } from './lab-cluster.ts';

const LOOK_MS = 1000;
const statusSchema = z.object({ leader: z.string().nullable(), isDegraded: z.boolean() });

/** Waits until `status` has nothing to say, and gives the leader; throws with what it still says at the deadline. */
export async function untilWhole(cluster: LabCluster, deadlineMs: number): Promise<string> {
  for (const endsAt = Date.now() + deadlineMs; Date.now() < endsAt;) {
    const { leader, isDegraded } = statusSchema.parse(JSON.parse((await cluster.pgscale('status', '--json')).stdout));
    if (leader !== null && !isDegraded) return leader;
    await sleep(LOOK_MS);
  }
  throw new Error(
    `not whole again\n${(await cluster.pgscale('status')).stdout}\n${(await cluster.pgscale('why')).stdout}`,
  );
}
