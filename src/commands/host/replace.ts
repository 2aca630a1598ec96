import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../../event-command.ts';
import type { Replaced } from '../../operations/membership/replace.ts';

/** `pgscale host replace`. */
export default class HostReplace extends EventCommand<typeof HostReplace> {
  static override summary = 'Put a new host in the place of another one, alive or dead, with all its roles.';
  static override description =
    'NEW is NAME=ADDRESS[,zone=ZONE][,sshAddress=ADDRESS]; the zone is the one of OLD unless given. NEW is seeded and has its vote in etcd before an OLD that works goes, which the primary leaves by a switchover; the spec changes once, at the end.';
  static override examples = [
    '<%= config.bin %> host replace pg2 pg4=10.20.0.14',
    '<%= config.bin %> host replace pg2 pg4=10.20.0.14 --yes --cluster orders',
  ];
  static override args = {
    old: Args.string({ description: 'The host that goes.', required: true }),
    new: Args.string({ description: 'NAME=ADDRESS[,zone=ZONE][,sshAddress=ADDRESS]', required: true }),
  };
  static override flags = {
    source: Flags.string({ summary: 'The member to copy from; default: the primary.', helpValue: 'HOST' }),
    'max-rate': Flags.integer({ summary: 'Upper limit of the copy, in MB/s.', min: 1, helpValue: 'MB' }),
    'drain-timeout': Flags.string({ summary: 'How long sessions may take to end.', default: '30s', helpValue: '30s' }),
    'pause-timeout': Flags.string({
      summary: 'How long to wait for running transactions before the primary leaves OLD.',
      default: '5s',
      helpValue: '5s',
    }),
    'keep-data': Flags.boolean({ summary: 'Leave the data directory of OLD where it is.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; needs --cluster.', dependsOn: ['cluster'] }),
    cluster: Flags.string({ summary: 'The name of the cluster, as a confirmation.', helpValue: 'NAME' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
    'accept-new': Flags.boolean({ summary: 'Record host keys that known_hosts does not have yet.' }),
  };

  async run(): Promise<Replaced> {
    const [{ replaceHost }, { parseNewHost }, { interruptible }, { parseDurationMs }, { eventRun }, ui] =
      await Promise.all([
        import('../../operations/membership/replace.ts'),
        import('../../spec/new-host.ts'),
        import('../../run/signals.ts'),
        import('../../spec/duration.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/membership.ts'),
      ]);
    const { flags } = this;
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const result = await replaceHost({
      specPath: flags.config,
      old: this.args.old,
      replacement: parseNewHost(this.args.new, []),
      acceptNew: flags['accept-new'],
      ...(flags.source === undefined ? {} : { source: flags.source }),
      ...(flags['max-rate'] === undefined ? {} : { maxRateMbPerSecond: flags['max-rate'] }),
      drainMs: parseDurationMs(flags['drain-timeout']),
      pauseTimeoutMs: parseDurationMs(flags['pause-timeout']),
      keepData: flags['keep-data'],
      lockWaitMs: parseDurationMs(flags['lock-wait']),
      confirm: (what) => ui.confirmedRemoval(flags, what),
      run: eventRun(this.jsonEnabled(), interrupt.signal),
    });
    const { default: prettyMs } = await import('pretty-ms');
    this.log(
      `${result.replacement} is in the place of ${result.old} after ${prettyMs(result.durationMs)}. Next: pgscale status`,
    );
    return result;
  }
}
