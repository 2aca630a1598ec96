import { Args } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { TableView } from '../../operations/partition/list.ts';

/** `pgscale partition list`. */
export default class PartitionList extends BaseCommand<typeof PartitionList> {
  static override summary = 'Show the partitions of each table with a policy, and how far they reach.';
  static override description =
    'Bounds come from the catalog of the primary, in UTC. Rows are those of the statistics. Exit status 3 when the next partition of a table is missing.';
  static override examples = ['<%= config.bin %> partition list', '<%= config.bin %> partition list events --json'];
  static override args = { table: Args.string({ description: 'Only these tables.', multiple: true }) };

  async run(): Promise<{ tables: TableView[] }> {
    const [{ openCluster }, { readPlans }, { tableViews }, { renderPartitions }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/partition/look.ts'),
      import('../../operations/partition/list.ts'),
      import('../../ui/partition.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const tables = tableViews(await readPlans(session, this.args.table));
    this.log(renderPartitions(tables));
    const isWrong = ({ isNextMissing, problems }: TableView): boolean => isNextMissing || problems.length > 0;
    if (tables.some(isWrong)) this.exitWith('degraded');
    return { tables };
  }
}
