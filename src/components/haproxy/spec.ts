import { z } from 'zod';

import { addressSchema, hostNameSchema, portSchema } from '../../spec/values.ts';

const endpoint = (describe: string) =>
  z
    .strictObject({
      host: hostNameSchema
        .optional()
        .describe('the name that clients use; default: the VIP, else every host of the endpoint'),
      port: portSchema.optional().describe('default: 5432 (pool 6432) with a VIP; 5000, 5001 and 6432 without'),
      vip: addressSchema.optional().describe('a floating address, held by keepalived'),
    })
    .default({})
    .describe(describe);

/** The three addresses that applications know. Ports: with a VIP 5432, 5432 and 6432; without 5000, 5001 and 6432. */
export const endpointsSpec = z
  .strictObject({
    primary: endpoint('reads and writes, always the primary'),
    replica: endpoint('read-only, balanced over healthy standbys'),
    pool: endpoint('PgBouncer in front of the primary'),
    replicaFallsBackToPrimary: z
      .boolean()
      .default(false)
      .describe('serve `replica` from the primary when no standby is healthy'),
    replicaMaxLagMb: z.int().min(1).default(16).describe('a standby that is further behind gets no new connections'),
  })
  .prefault({});
