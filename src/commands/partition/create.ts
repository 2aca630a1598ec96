import { Args, Flags } from '@oclif/core';

import type { PartitionResult } from '../../operations/partition/run.ts';
import { PartitionCommand } from '../../partition-command.ts';

/** `pgscale partition create`. */
export default class PartitionCreate extends PartitionCommand<typeof PartitionCreate> {
  static override summary = 'Make the partitions that a table lacks, or the one that holds a time or an id.';
  static override examples = [
    '<%= config.bin %> partition create events',
    '<%= config.bin %> partition create events --at 2027-03-01 --yes',
  ];
  static override args = { table: Args.string({ description: 'A table with a policy.', required: true }) };
  static override flags = {
    ...PartitionCommand.flags,
    at: Flags.string({ summary: 'A time (in the zone of the policy) or an id.', helpValue: '2027-03-01' }),
  };

  async run(): Promise<PartitionResult> {
    const { creating } = await import('../../operations/partition/change.ts');
    const { yes, at, 'lock-wait': lockWait } = this.flags;
    const { table } = this.args;
    return this.change({ yes, lockWait }, `Make partitions of ${table}?`, {
      command: 'partition create',
      tables: [table],
      choose: (plans) => plans.map((plan) => creating(plan, at)),
    });
  }
}
