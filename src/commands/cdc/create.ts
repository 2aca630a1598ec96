import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../../event-command.ts';
import type { Created } from '../../operations/cdc/create.ts';
import type { Plan } from '../../operations/plan.ts';

/** `pgscale cdc create`. */
export default class CdcCreate extends EventCommand<typeof CdcCreate> {
  static override summary = 'Make a stream of changes: publication, role, and a slot that survives a failover.';
  static override description =
    'The stream is written into the spec (comments stay), the password of its role cdc_NAME into the secrets file, and the plan is that of `apply`: the first stream needs wal_level = logical, for which every member restarts once, the primary last. Without --tables the stream is one that the spec has already. Run again, it finishes what was cut off. With --json each step is one line of JSON on stdout, the result is the last one.';
  static override examples = [
    '<%= config.bin %> cdc create feed --tables orders,public.customers',
    '<%= config.bin %> cdc create feed --plugin wal2json --tables orders --yes',
    '<%= config.bin %> cdc create feed --again --yes',
  ];
  static override args = { name: Args.string({ description: 'The name of slot and publication.', required: true }) };
  static override flags = {
    plugin: Flags.string({
      summary: 'pgoutput, or changes as JSON.',
      options: ['pgoutput', 'wal2json'],
      dependsOn: ['tables'],
    }),
    tables: Flags.string({
      summary: 'Tables, with their schema or of public; comma-separated.',
      multiple: true,
      delimiter: ',',
    }),
    database: Flags.string({
      summary: 'A database of the spec; may be left out when there is one only.',
      helpValue: 'NAME',
      dependsOn: ['tables'],
    }),
    again: Flags.boolean({ summary: 'Drop a slot that is there and begin anew: after it was lost.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Created> {
    const [{ createStream }, { interruptible }, { parseDurationMs }, { eventRun }] = await Promise.all([
      import('../../operations/cdc/create.ts'),
      import('../../run/signals.ts'),
      import('../../spec/duration.ts'),
      import('../../run/task-list.ts'),
    ]);
    const { config, plugin, tables, database, again, 'lock-wait': lockWait } = this.flags;
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const result = await createStream({
      specPath: config,
      name: this.args.name,
      stream: tables === undefined ? undefined : { plugin, database, tables },
      again,
      lockWaitMs: parseDurationMs(lockWait),
      confirm: (plan) => this.confirm(plan),
      run: eventRun(this.jsonEnabled(), interrupt.signal),
    });
    this.log(
      `Changes from ${result.confirmedLsn ?? 'now'} on are kept for ${result.role}. Next: pgscale cdc connect ${result.name} generic`,
    );
    return result;
  }

  private async confirm(plan: Plan): Promise<boolean> {
    if (this.flags.yes) return true;
    const [{ renderPlan }, { confirm }] = await Promise.all([
      import('../../ui/plan.ts'),
      import('../../ui/prompts.ts'),
    ]);
    process.stderr.write(`${renderPlan(plan)}\n\n`);
    return confirm(`Write the spec, apply this plan and make the stream ${this.args.name}?`);
  }
}
