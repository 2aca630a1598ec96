import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { ExecResult } from '../operations/exec.ts';

/** `pgscale exec [HOST…] -- PROGRAM ARGUMENT…`. */
export default class Exec extends BaseCommand<typeof Exec> {
  static override summary = 'Run a program as root on several hosts at once; the exit status is the worst one.';
  static override description =
    'Each argument arrives as it is; for a line of shell say `sh -c`. Each line of output begins with the name of its host.';
  static override examples = [
    '<%= config.bin %> exec --all -- uptime',
    '<%= config.bin %> exec pg1 pg2 -- systemctl is-active patroni',
    '<%= config.bin %> exec --role primary -- sh -c "df -h | grep postgresql"',
  ];
  static override strict = false;
  static override args = { host: Args.string({ description: 'The hosts; then -- and what to run.' }) };
  static override flags = {
    role: Flags.option({ options: ['database', 'dcs', 'proxy', 'primary', 'standby'] as const, exclusive: ['all'] })({
      summary: 'All hosts with this role.',
    }),
    all: Flags.boolean({ summary: 'All hosts.' }),
    deadline: Flags.string({ summary: 'End the program after this time.', default: '10m', helpValue: '30s' }),
  };

  async run(): Promise<{ hosts: ExecResult[] }> {
    const [{ openCluster }, { execOnHosts }, { parseDurationMs }] = await Promise.all([
      import('../operations/cluster-session.ts'),
      import('../operations/exec.ts'),
      import('../spec/duration.ts'),
    ]);
    const { hosts, words } = this.split();
    const { config, role, deadline } = this.flags;
    await using session = await openCluster({ specPath: config, tolerate: true });
    const choice = { hosts, role, deadlineMs: parseDurationMs(deadline) };
    const results = await execOnHosts(session, choice, words, (host, line) => this.log(`${host}: ${line}`));
    for (const { host, stderr } of results.filter(() => !this.jsonEnabled())) {
      if (stderr !== '') process.stderr.write(stderr.replaceAll(/^/gmu, `${host}: `) + '\n');
    }
    process.exitCode = Math.max(...results.map(({ exitCode }) => exitCode));
    return { hosts: results };
  }

  /** Hosts stand before the dashes, the program after them. */
  private split(): { hosts: string[]; words: [string, ...string[]] } {
    const dashes = this.argv.indexOf('--');
    const [program, ...rest] = dashes < 0 ? [] : this.argv.slice(dashes + 1);
    if (program === undefined) this.error('say what to run: pgscale exec HOST… -- PROGRAM ARGUMENT…', { exit: 2 });
    const { all, role } = this.flags;
    const hosts = this.hostsBefore(dashes);
    const isChosen = hosts.length > 0 || all || role !== undefined;
    if (!isChosen) this.error('say where: name hosts, or give --role or --all', { exit: 2 });
    if (hosts.length > 0 && (all || role !== undefined))
      this.error('name hosts, or give --role or --all, not both', { exit: 2 });
    return { hosts, words: [program, ...rest] };
  }

  private hostsBefore(dashes: number): string[] {
    const valued = ['--role', '--deadline', '--config', '-c'];
    const before = this.argv.slice(0, dashes);
    return before.filter((word, index) => !word.startsWith('-') && !valued.includes(before[index - 1] ?? ''));
  }
}
