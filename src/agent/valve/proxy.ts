import { once } from 'node:events';
import { createConnection } from 'node:net';

import type { ValveSettings } from './settings.ts';

const ANSWER_MS = 2000;

/**
 * Tells HAProxy who the primary is, ahead of its checks, which go on and have the last word.
 * https://docs.haproxy.org/3.2/management.html#9.3-set%20server
 * @throws Error when HAProxy does not answer
 */
export async function steer({ socket, backend }: ValveSettings['proxy'], from: string, to: string): Promise<void> {
  const health = (member: string, state: 'up' | 'down'): string => `set server ${backend}/${member} health ${state}`;
  const connection = createConnection(socket);
  connection.setTimeout(ANSWER_MS, () => connection.destroy(new Error('HAProxy does not answer')));
  connection.resume();
  connection.end(`${health(from, 'down')}; ${health(to, 'up')}\n`);
  await once(connection, 'close');
}
