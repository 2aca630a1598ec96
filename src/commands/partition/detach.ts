import { Args } from '@oclif/core';

import type { PartitionResult } from '../../operations/partition/run.ts';
import { PartitionCommand } from '../../partition-command.ts';

/** `pgscale partition detach`. */
export default class PartitionDetach extends PartitionCommand<typeof PartitionDetach> {
  static override summary = 'Take a partition that is over out of its table; it stays as a table of its own.';
  static override examples = ['<%= config.bin %> partition detach events events_2026_05 --yes'];
  static override args = {
    table: Args.string({ description: 'A table with a policy.', required: true }),
    partition: Args.string({ description: 'The partition, with its schema or without.', required: true }),
  };
  static override flags = { ...PartitionCommand.flags };

  async run(): Promise<PartitionResult> {
    const { detaching } = await import('../../operations/partition/change.ts');
    const { yes, 'lock-wait': lockWait } = this.flags;
    const { table, partition } = this.args;
    return this.change({ yes, lockWait }, `Detach ${partition} from ${table}? Its rows are not seen there any more.`, {
      command: 'partition detach',
      tables: [table],
      choose: (plans) => plans.map((plan) => detaching(plan, partition)),
    });
  }
}
