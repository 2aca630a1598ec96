// The other thread of threaded-servers.ts.
import { parentPort, workerData } from 'node:worker_threads';

import { startDesiredServers, type DesiredServersOptions } from '../../test/support/desired-servers.ts';

const servers = await startDesiredServers(workerData as DesiredServersOptions);
parentPort?.once('message', () => void servers[Symbol.asyncDispose]().then(() => parentPort?.close()));
parentPort?.postMessage(servers.settings);
