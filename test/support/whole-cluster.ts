import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import type { LabCluster } from './lab-cluster.ts';

const LOOK_MS = 1000;
/** What the endpoints say of themselves: a proxy that does not answer is not explained by `status`. */
const ENDPOINTS =
  'systemctl status haproxy keepalived --no-pager -l; journalctl -u haproxy -u keepalived --no-pager -n 80 -o short-precise; ls -la --full-time /run/haproxy /etc/haproxy';
const statusSchema = z.object({ leader: z.string().nullable(), isDegraded: z.boolean() });

/** Waits until `status` has nothing to say, and gives the leader; throws with what it still says at the deadline. */
export async function untilWhole(cluster: LabCluster, deadlineMs: number): Promise<string> {
  for (const endsAt = Date.now() + deadlineMs; Date.now() < endsAt;) {
    const { leader, isDegraded } = statusSchema.parse(JSON.parse((await cluster.pgscale('status', '--json')).stdout));
    if (leader !== null && !isDegraded) return leader;
    await sleep(LOOK_MS);
  }
  const said = [(await cluster.pgscale('status')).stdout, (await cluster.pgscale('why')).stdout];
  for (const { name } of cluster.lab.hosts) said.push(`== ${name}`, await cluster.on(name, `${ENDPOINTS}; true`));
  throw new Error(`not whole again\n${said.join('\n')}`);
}
