import { z } from 'zod';

import { portSchema } from '../../spec/values.ts';

/** etcd, in which Patroni keeps who leads. */
export const dcsSpec = z.strictObject({
  clientPort: portSchema.default(2379).describe('where Patroni asks'),
  peerPort: portSchema.default(2380).describe('between the members'),
});
