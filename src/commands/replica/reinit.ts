import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../../event-command.ts';
import type { Reinitialised } from '../../operations/membership/reinit.ts';

/** `pgscale replica reinit`. */
export default class ReplicaReinit extends EventCommand<typeof ReplicaReinit> {
  static override summary = 'Throw the data of one standby away and copy it anew.';
  static override description =
    'Refuses the primary, and the only synchronous standby unless told that commits may go unconfirmed meanwhile. Interrupted and run again, it goes on with the copy that runs.';
  static override examples = [
    '<%= config.bin %> replica reinit pg3',
    '<%= config.bin %> replica reinit pg3 --source pg2 --max-rate 50 --yes --cluster orders',
  ];
  static override args = { host: Args.string({ description: 'The standby.', required: true }) };
  static override flags = {
    source: Flags.string({ summary: 'The member to copy from; default: the primary.', helpValue: 'HOST' }),
    'max-rate': Flags.integer({ summary: 'Upper limit of the copy, in MB/s.', min: 1, helpValue: 'MB' }),
    'drain-timeout': Flags.string({ summary: 'How long sessions may take to end.', default: '30s', helpValue: '30s' }),
    'allow-asynchronous': Flags.boolean({ summary: 'Also when no other standby confirms commits meanwhile.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; needs --cluster.', dependsOn: ['cluster'] }),
    cluster: Flags.string({ summary: 'The name of the cluster, as a confirmation.', helpValue: 'NAME' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Reinitialised> {
    const [{ withLockedCluster }, { reinitStandby }, { interruptible }, { parseDurationMs }, { eventRun }, prompts] =
      await Promise.all([
        import('../../operations/locked-cluster.ts'),
        import('../../operations/membership/reinit.ts'),
        import('../../run/signals.ts'),
        import('../../spec/duration.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/prompts.ts'),
      ]);
    const { flags } = this;
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const lock = {
      specPath: flags.config,
      // Another host may be lost.
      tolerate: true,
      command: 'replica reinit',
      lockWaitMs: parseDurationMs(flags['lock-wait']),
    };
    const result = await withLockedCluster(lock, (session) =>
      reinitStandby(session, {
        host: this.args.host,
        drainMs: parseDurationMs(flags['drain-timeout']),
        allowAsynchronous: flags['allow-asynchronous'],
        ...(flags.source === undefined ? {} : { source: flags.source }),
        ...(flags['max-rate'] === undefined ? {} : { maxRateMbPerSecond: flags['max-rate'] }),
        confirm: async ({ host, dataDirectory }) => {
          process.stderr.write(`All data in ${dataDirectory} on ${host} is deleted and copied anew.\n`);
          await prompts.confirmedByName(flags, session.spec.cluster);
        },
        run: eventRun(this.jsonEnabled(), interrupt.signal),
      }),
    );
    const { default: prettyMs } = await import('pretty-ms');
    this.log(`${result.host} streams again after ${prettyMs(result.durationMs)}.`);
    return result;
  }
}
