import { readFile } from 'node:fs/promises';

import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../event-command.ts';
import type { Applied } from '../operations/apply/index.ts';
import type { Plan } from '../operations/plan.ts';

export default class Apply extends EventCommand<typeof Apply> {
  static override summary = 'Make the cluster what the spec says.';
  static override description =
    'Changes only what differs and may be run again at any time. With --json each step is one line of JSON on stdout, the result is the last one.';
  static override examples = [
    '<%= config.bin %> apply',
    '<%= config.bin %> apply --yes --json',
    '<%= config.bin %> apply monday.plan --yes',
  ];
  static override args = {
    plan: Args.file({
      description: 'A file that `plan --out` wrote: apply exactly that, or refuse when it is stale.',
      exists: true,
    }),
  };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
    'seed-from': Flags.string({
      summary: 'The member to copy new standbys from; default: the primary.',
      helpValue: 'HOST',
    }),
    'accept-new': Flags.boolean({ summary: 'Record host keys that known_hosts does not have yet.' }),
  };

  async run(): Promise<Applied> {
    const [{ apply }, { interruptible }, { parseDurationMs }, { readPlanDigest }, { eventRun }] = await Promise.all([
      import('../operations/apply/index.ts'),
      import('../run/signals.ts'),
      import('../spec/duration.ts'),
      import('../operations/plan-file.ts'),
      import('../run/task-list.ts'),
    ]);
    using interrupt = interruptible(() =>
      process.stderr.write('\nstopping when what is being done has ended; press Ctrl-C again to end at once\n'),
    );
    const digest =
      this.args.plan === undefined ? undefined : readPlanDigest(await readFile(this.args.plan, 'utf8'), this.args.plan);
    const result = await apply({
      specPath: this.flags.config,
      acceptNew: this.flags['accept-new'],
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      ...(digest === undefined ? {} : { expectedDigest: digest }),
      ...(this.flags['seed-from'] === undefined ? {} : { source: this.flags['seed-from'] }),
      onBusy: (heldBy) => void process.stderr.write(`waiting for the lock, held by ${heldBy}\n`),
      confirm: (plan) => this.confirm(plan),
      run: eventRun(this.jsonEnabled(), interrupt.signal),
    });
    this.log(await this.summary(result));
    return result;
  }

  private async confirm(plan: Plan): Promise<boolean> {
    if (this.flags.yes) return true;
    const [{ renderPlan }, { confirm }] = await Promise.all([import('../ui/plan.ts'), import('../ui/prompts.ts')]);
    process.stderr.write(`${renderPlan(plan)}\n\n`);
    return confirm('Apply this plan?');
  }

  private async summary({ plan, durationMs }: Applied): Promise<string> {
    const { default: prettyMs } = await import('pretty-ms');
    if (plan.changeCount === 0) return `No changes: every host is what the spec says (${prettyMs(durationMs)}).`;
    return `${plan.changeCount} changes applied in ${prettyMs(durationMs)}. Next: pgscale status, pgscale url`;
  }
}
