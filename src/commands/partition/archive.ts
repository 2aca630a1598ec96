import { Args } from '@oclif/core';

import type { PartitionResult } from '../../operations/partition/run.ts';
import { PartitionCommand } from '../../partition-command.ts';

/** `pgscale partition archive`. */
export default class PartitionArchive extends PartitionCommand<typeof PartitionArchive> {
  static override summary = 'Dump a partition that is over into the object store, read it back, and only then drop it.';
  static override description =
    'Attached, it is detached first. The dump is one of pg_dump -Fc, beside the backups; `partition attach` brings it back. Whatever fails, nothing is dropped.';
  static override examples = ['<%= config.bin %> partition archive events events_2026_05 --yes'];
  static override args = {
    table: Args.string({ description: 'A table with a policy.', required: true }),
    partition: Args.string({ description: 'The partition, with its schema or without.', required: true }),
  };
  static override flags = { ...PartitionCommand.flags };

  async run(): Promise<PartitionResult> {
    const { archiving } = await import('../../operations/partition/change.ts');
    const { yes, 'lock-wait': lockWait } = this.flags;
    const { table, partition } = this.args;
    return this.change({ yes, lockWait }, `Archive ${partition} of ${table} and drop it?`, {
      command: 'partition archive',
      tables: [table],
      choose: (plans) => plans.map((plan) => archiving(plan, partition)),
    });
  }
}
