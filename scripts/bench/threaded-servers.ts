import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { ConnectionSettings } from '../../src/host/connection-settings.ts';
import type { DesiredServers, DesiredServersOptions } from '../../test/support/desired-servers.ts';

/** TypeScript has to be registered anew in each thread. */
const THREAD = `import { register } from '${import.meta.resolve('tsx/esm/api')}';
register();
await import('${new URL('server-thread.ts', import.meta.url).href}');`;

/** The servers in a thread of their own, as hosts have processors of their own: pgscale's is the one that is measured. */
export async function startThreadedServers(options: DesiredServersOptions): Promise<DesiredServers> {
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`), { workerData: options });
  const [settings] = (await once(thread, 'message')) as [ConnectionSettings[]];
  return {
    settings,
    [Symbol.asyncDispose]: async () => {
      const ended = once(thread, 'exit');
      thread.postMessage('stop');
      await ended;
    },
  };
}
