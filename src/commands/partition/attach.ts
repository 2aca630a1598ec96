import { Args } from '@oclif/core';

import type { PartitionResult } from '../../operations/partition/run.ts';
import { PartitionCommand } from '../../partition-command.ts';

/** `pgscale partition attach`. */
export default class PartitionAttach extends PartitionCommand<typeof PartitionAttach> {
  static override summary = 'Bring a partition back that was detached or archived; its bounds are those that it had.';
  static override examples = ['<%= config.bin %> partition attach events events_2026_05 --yes'];
  static override args = {
    table: Args.string({ description: 'A table with a policy.', required: true }),
    partition: Args.string({ description: 'The detached table, with its schema or without.', required: true }),
  };
  static override flags = { ...PartitionCommand.flags };

  async run(): Promise<PartitionResult> {
    const [{ attaching }, { bringBackFromStore }] = await Promise.all([
      import('../../operations/partition/change.ts'),
      import('../../operations/partition/store.ts'),
    ]);
    const { yes, 'lock-wait': lockWait } = this.flags;
    const { table, partition } = this.args;
    return this.change({ yes, lockWait }, `Attach ${partition} to ${table}?`, {
      command: 'partition attach',
      tables: [table],
      before: (session) => bringBackFromStore(session, table, partition),
      choose: (plans) => plans.map((plan) => attaching(plan, partition)),
    });
  }
}
