import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { PoolLoad } from '../../scripts/bench/pool-load.ts';
import type { LabCluster } from './lab-cluster.ts';

/** Clients that stay on the pool endpoint of a cluster over verified TLS, and read and write by turns. */
export async function startPoolClients(cluster: LabCluster, clients: number): Promise<PoolLoad> {
  const caFile = join(cluster.directory, 'ca.crt');
  const urls = z.object({ DATABASE_POOL_URL: z.string() }).parse(await cluster.pgscaleJson('url', '--ca', caFile));
  return PoolLoad.start({
    url: urls.DATABASE_POOL_URL,
    ca: await readFile(caFile, 'utf8'),
    clients,
    writeShare: 0.5,
    thinkMs: 200,
    reconnectAfter: 40,
  });
}
