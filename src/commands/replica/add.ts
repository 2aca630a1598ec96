import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../../event-command.ts';
import type { Added } from '../../operations/membership/add.ts';
import type { Plan } from '../../operations/plan.ts';

/** `pgscale replica add`. */
export default class ReplicaAdd extends EventCommand<typeof ReplicaAdd> {
  static override summary = 'Add hosts to the cluster: into the spec, and to work as standbys.';
  static override description =
    'HOST is NAME=ADDRESS[,zone=ZONE][,sshAddress=ADDRESS]. The spec is edited (comments stay), the new hosts are set up and seeded, and the others learn of them by a reload; no connection breaks and no URL changes. With --json each step is one line of JSON on stdout, the result is the last one.';
  static override examples = [
    '<%= config.bin %> replica add pg4=10.20.0.14,zone=a',
    '<%= config.bin %> replica add pg4=10.20.0.14 --roles database --source pg3 --max-rate 50 --yes',
  ];
  static override args = {
    host: Args.string({ description: 'NAME=ADDRESS[,zone=ZONE][,sshAddress=ADDRESS]', multiple: true, required: true }),
  };
  static override flags = {
    roles: Flags.string({
      summary: 'database, or database and proxy. A vote in etcd moves with `host replace` only.',
      options: ['database,proxy', 'database', 'proxy'],
      default: 'database,proxy',
    }),
    source: Flags.string({ summary: 'The member to copy from; default: the primary.', helpValue: 'HOST' }),
    'max-rate': Flags.integer({ summary: 'Upper limit of the copy, in MB/s.', min: 1, helpValue: 'MB' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
    'accept-new': Flags.boolean({ summary: 'Record host keys that known_hosts does not have yet.' }),
  };

  async run(): Promise<Added> {
    const [{ addHosts }, { parseNewHost }, { interruptible }, { parseDurationMs }, { eventRun }] = await Promise.all([
      import('../../operations/membership/add.ts'),
      import('../../spec/new-host.ts'),
      import('../../run/signals.ts'),
      import('../../spec/duration.ts'),
      import('../../run/task-list.ts'),
    ]);
    const { flags } = this;
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const result = await addHosts({
      specPath: flags.config,
      hosts: this.args.host.map((text) => parseNewHost(text, flags.roles.split(','))),
      acceptNew: flags['accept-new'],
      lockWaitMs: parseDurationMs(flags['lock-wait']),
      ...(flags.source === undefined ? {} : { source: flags.source }),
      ...(flags['max-rate'] === undefined ? {} : { maxRateMbPerSecond: flags['max-rate'] }),
      confirm: (plan) => this.confirm(plan),
      run: eventRun(this.jsonEnabled(), interrupt.signal),
    });
    const { default: prettyMs } = await import('pretty-ms');
    this.log(`${result.added.join(', ')} added in ${prettyMs(result.durationMs)}. Next: pgscale status`);
    return result;
  }

  private async confirm(plan: Plan): Promise<boolean> {
    if (this.flags.yes) return true;
    const [{ renderPlan }, { confirm }] = await Promise.all([
      import('../../ui/plan.ts'),
      import('../../ui/prompts.ts'),
    ]);
    process.stderr.write(`${renderPlan(plan)}\n\n`);
    return confirm(`Write the spec and apply this plan?`);
  }
}
