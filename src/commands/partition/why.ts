import { Args, Flags } from '@oclif/core';
import chalk from 'chalk';

import { BaseCommand } from '../../base-command.ts';
import type { QueryView } from '../../operations/partition/why.ts';

/** `pgscale partition why`. */
export default class PartitionWhy extends BaseCommand<typeof PartitionWhy> {
  static override summary = 'Show which partitions a query touches, and why not fewer. The query is planned, not run.';
  static override examples = [
    `<%= config.bin %> partition why "SELECT count(*) FROM events WHERE occurred_at >= '2026-05-15' AND occurred_at < '2026-05-20'"`,
    `<%= config.bin %> partition why 'SELECT * FROM events WHERE id = $1'`,
  ];
  static override args = {
    query: Args.string({ description: 'SQL; parameters are written $1, $2 …', required: true }),
  };
  static override flags = {
    database: Flags.string({ char: 'd', summary: 'The database, where several have partitions.' }),
  };

  async run(): Promise<QueryView> {
    const [{ openCluster }, { whyQuery }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/partition/why.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const view = await whyQuery(session, this.args.query, this.flags.database);
    this.log(view.tables.length === 0 ? 'The query touches no table with a policy.' : view.tables.map(text).join('\n'));
    return view;
  }
}

function text({ table, partitions, total, removedAtStart, why }: QueryView['tables'][number]): string {
  const removed = removedAtStart === 0 ? '' : `, ${removedAtStart} of them left out when it starts`;
  const count = `${partitions.length + removedAtStart} of ${total} partitions${removed}`;
  const reason = why === undefined ? [] : [`${chalk.red('✖')} ${why}`];
  return [`${chalk.bold(table)}  ${count}`, ...reason, ...partitions.map((each) => `  ${each}`)].join('\n');
}
