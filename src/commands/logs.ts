import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';

interface LogLine {
  readonly host: string;
  readonly line: string;
}

/** `pgscale logs`: the journal of a component. */
export default class Logs extends BaseCommand<typeof Logs> {
  static override summary = 'Show the log of a component on one or several hosts.';
  static override description =
    'Without --component: PostgreSQL and Patroni, which share a journal. With several hosts each line begins with the name of its host.';
  static override examples = [
    '<%= config.bin %> logs pg1',
    '<%= config.bin %> logs pg1 pg2 --component postgres --follow',
    '<%= config.bin %> logs pg1 --component haproxy --since "10 min ago" --lines 1000',
  ];
  static override args = { host: Args.string({ description: 'The hosts.', required: true, multiple: true }) };
  static override flags = {
    component: Flags.option({
      options: ['postgres', 'patroni', 'etcd', 'pgbouncer', 'haproxy', 'keepalived', 'pgscale'] as const,
    })({ summary: 'Whose log.' }),
    follow: Flags.boolean({ char: 'f', summary: 'Go on until Ctrl-C.', exclusive: ['json'] }),
    lines: Flags.integer({ char: 'n', summary: 'The last lines.', default: 50, min: 0, helpValue: 'N' }),
    since: Flags.string({ summary: 'Not older than this, as journalctl takes it.', helpValue: 'TIME' }),
  };

  async run(): Promise<{ lines: LogLine[] }> {
    const [{ openCluster }, { readLogs }, { interruptible }] = await Promise.all([
      import('../operations/cluster-session.ts'),
      import('../operations/logs.ts'),
      import('../run/signals.ts'),
    ]);
    using interrupt = interruptible(() => undefined);
    const { config, component, follow, lines, since } = this.flags;
    const hosts = this.args.host;
    const found: LogLine[] = [];
    await using session = await openCluster({ specPath: config, tolerate: true });
    const show = (host: string, line: string): void => {
      if (!follow) found.push({ host, line });
      this.log(hosts.length > 1 ? `${host}: ${line}` : line);
    };
    await readLogs(session, { hosts, component, lines, since, isFollowing: follow }, show, interrupt.signal);
    return { lines: found };
  }
}
