import { Args } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { PartitionPlan } from '../../operations/partition/plan.ts';

/** `pgscale partition plan`. */
export default class PartitionPlanCommand extends BaseCommand<typeof PartitionPlanCommand> {
  static override summary = 'Print the SQL that `partition rotate` would run now, and what would go. Changes nothing.';
  static override description =
    'Every statement, or BEGIN … COMMIT, is a transaction of its own, under the limits that are set before it: what cannot have its lock in time, or is cancelled, is tried again for three minutes. A partition that goes was proven by its bounds, and one that was detached earlier is looked through first. Exit status 10 when something has to change, 4 when a policy does not fit its table.';
  static override examples = ['<%= config.bin %> partition plan', '<%= config.bin %> partition plan events --json'];
  static override args = { table: Args.string({ description: 'Only these tables.', multiple: true }) };

  async run(): Promise<{ tables: PartitionPlan[] }> {
    const [{ openCluster }, { readPlans }, { partitionPlans }, { renderPartitionPlan }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/partition/look.ts'),
      import('../../operations/partition/plan.ts'),
      import('../../ui/partition.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const tables = partitionPlans(await readPlans(session, this.args.table));
    this.log(renderPartitionPlan(tables));
    if (tables.some(({ isChanging }) => isChanging)) this.exitWith('changesPending');
    if (tables.some(({ problems }) => problems.length > 0)) this.exitWith('checkFailed');
    return { tables };
  }
}
