import type pg from 'pg';
import { z } from 'zod';

import type { LabCluster } from './lab-cluster.ts';

const urlSchema = z.object({ DATABASE_POOL_URL: z.string() });

/** How a client of the application logs in at the endpoint `pool`, by its VIP. */
export async function poolLogin(cluster: LabCluster): Promise<pg.ClientConfig> {
  const { port, username, password, pathname } = new URL(
    urlSchema.parse(await cluster.pgscaleJson('url')).DATABASE_POOL_URL,
  );
  return {
    host: cluster.lab.vips.pool,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    ssl: { rejectUnauthorized: false },
  };
}
