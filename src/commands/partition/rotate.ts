import { Args } from '@oclif/core';

import type { PartitionResult } from '../../operations/partition/run.ts';
import { PartitionCommand } from '../../partition-command.ts';

/** `pgscale partition rotate`. */
export default class PartitionRotate extends PartitionCommand<typeof PartitionRotate> {
  static override summary = 'Make the partitions that are due and retire the old ones, as the timer on the hosts does.';
  static override description =
    'Runs what `partition plan` prints. Nobody waits behind it: a lock that is not free is tried again for three minutes, and what is left goes on in the next rotation.';
  static override examples = ['<%= config.bin %> partition rotate', '<%= config.bin %> partition rotate events --yes'];
  static override args = { table: Args.string({ description: 'Only these tables.', multiple: true }) };

  async run(): Promise<PartitionResult> {
    const tables = this.args.table ?? [];
    const what = tables.length === 0 ? 'all tables with a policy' : tables.join(', ');
    const { yes, 'lock-wait': lockWait } = this.flags;
    return this.change(
      { yes, lockWait },
      `Rotate the partitions of ${what}? \`pgscale partition plan\` shows the SQL.`,
      {
        command: 'partition rotate',
        tables,
      },
    );
  }
}
