import { Flags } from '@oclif/core';
import chalk from 'chalk';

import { BaseCommand } from '../base-command.ts';
import type { CheckReport } from '../operations/check.ts';

export default class Check extends BaseCommand<typeof Check> {
  static override summary = 'Look at every host and report what would stop or hurt an `apply`. Changes nothing.';
  static override description = 'Exit status 4 when there is a finding of severity error.';
  static override examples = ['<%= config.bin %> check', '<%= config.bin %> check --json'];
  static override flags = {
    'accept-new': Flags.boolean({ summary: 'Record host keys that known_hosts does not have yet.' }),
  };

  async run(): Promise<CheckReport> {
    const { check } = await import('../operations/check.ts');
    const report = await check({ specPath: this.flags.config, acceptNew: this.flags['accept-new'] });
    this.log(await this.render(report));
    if (report.findings.some(({ severity }) => severity === 'error')) this.exitWith('checkFailed');
    return report;
  }

  private async render({ findings, hosts }: CheckReport): Promise<string> {
    if (findings.length === 0) return chalk.green(`All checks passed on ${hosts.join(', ')}.`);
    const { table } = await import('../ui/table.ts');
    const rows = findings.map(({ host, severity, id, what, remedy }) => [
      host,
      severity === 'error' ? chalk.red(severity) : chalk.yellow(severity),
      id,
      what,
      remedy,
    ]);
    return table(['HOST', 'SEVERITY', 'FINDING', 'WHAT', 'REMEDY'], rows);
  }
}
