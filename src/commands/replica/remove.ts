import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../../event-command.ts';
import type { Removed } from '../../operations/membership/remove.ts';

/** `pgscale replica remove`. */
export default class ReplicaRemove extends EventCommand<typeof ReplicaRemove> {
  static override summary = 'Take hosts out of the cluster, alive or dead.';
  static override description =
    'Drains the host, takes it out of what the others know, out of etcd and Patroni, removes its replication slot, cleans the host itself when it answers, and at last removes it from the spec (comments stay). Refuses the primary, the only synchronous standby, and what would cost etcd its quorum.';
  static override examples = [
    '<%= config.bin %> replica remove pg4',
    '<%= config.bin %> replica remove pg4 --yes --cluster orders',
    '<%= config.bin %> replica remove pg2 --dcs-to pg4',
  ];
  static override args = { host: Args.string({ description: 'The hosts to remove.', multiple: true, required: true }) };
  static override flags = {
    'dcs-to': Flags.string({ summary: 'The host that takes over the vote in etcd.', helpValue: 'HOST' }),
    'drain-timeout': Flags.string({ summary: 'How long sessions may take to end.', default: '30s', helpValue: '30s' }),
    'keep-data': Flags.boolean({ summary: 'Leave the data directory of PostgreSQL where it is.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; needs --cluster.', dependsOn: ['cluster'] }),
    cluster: Flags.string({ summary: 'The name of the cluster, as a confirmation.', helpValue: 'NAME' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Removed> {
    const [{ removeHosts }, { interruptible }, { parseDurationMs }, { eventRun }, { confirmedRemoval }] =
      await Promise.all([
        import('../../operations/membership/remove.ts'),
        import('../../run/signals.ts'),
        import('../../spec/duration.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/membership.ts'),
      ]);
    const { flags } = this;
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const result = await removeHosts({
      specPath: flags.config,
      names: this.args.host,
      ...(flags['dcs-to'] === undefined ? {} : { dcsTo: flags['dcs-to'] }),
      drainMs: parseDurationMs(flags['drain-timeout']),
      keepData: flags['keep-data'],
      lockWaitMs: parseDurationMs(flags['lock-wait']),
      confirm: (what) => confirmedRemoval(flags, what),
      run: eventRun(this.jsonEnabled(), interrupt.signal),
    });
    const { default: prettyMs } = await import('pretty-ms');
    this.log(`${result.hosts.join(', ')} removed in ${prettyMs(result.durationMs)}. Next: pgscale status`);
    return result;
  }
}
