import { Args } from '@oclif/core';
import chalk from 'chalk';

import { BaseCommand } from '../../base-command.ts';
import type { PartitionFinding } from '../../operations/partition/findings.ts';

/** `pgscale partition check`. */
export default class PartitionCheck extends BaseCommand<typeof PartitionCheck> {
  static override summary = 'Look for what is wrong with the partitions of each table with a policy. Changes nothing.';
  static override description =
    'Missing partitions and holes, interrupted detaches, missing and invalid indexes, BRIN indexes that do not know all of a partition that is over, too many partitions, statistics, and queries of the spec that do not prune. Exit status 4 when there is a finding of severity error.';
  static override examples = ['<%= config.bin %> partition check', '<%= config.bin %> partition check events --json'];
  static override args = { table: Args.string({ description: 'Only these tables.', multiple: true }) };

  async run(): Promise<{ findings: PartitionFinding[] }> {
    const [{ openCluster }, { checkPartitions }, { table }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/partition/check.ts'),
      import('../../ui/table.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const findings = await checkPartitions(session, this.args.table ?? []);
    const rows = findings.map(({ table: name, severity, id, what, remedy }) => [
      name,
      severity === 'error' ? chalk.red(severity) : chalk.yellow(severity),
      id,
      what,
      remedy,
    ]);
    this.log(
      rows.length === 0
        ? chalk.green('All checks passed.')
        : table(['TABLE', 'SEVERITY', 'FINDING', 'WHAT', 'REMEDY'], rows),
    );
    if (findings.some(({ severity }) => severity === 'error')) this.exitWith('checkFailed');
    return { findings };
  }
}
