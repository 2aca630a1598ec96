import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Failover as Result, FailoverPlan } from '../operations/failover/index.ts';

/** `pgscale failover`: a new primary when the old one is gone. */
export default class Failover extends BaseCommand<typeof Failover> {
  static override summary = 'Make a standby the primary when there is none; a primary that works is left alone.';
  static override description =
    'Usually Patroni does this by itself. This command is for when it does not: it shows for every member what it has and why it cannot lead. A candidate that does not surely have every acknowledged commit is taken only with --allow-data-loss. For a planned move use `switchover`.';
  static override examples = [
    '<%= config.bin %> failover',
    '<%= config.bin %> failover --to pg2 --yes',
    '<%= config.bin %> failover --to pg3 --allow-data-loss 1048576 --yes',
  ];
  static override flags = {
    to: Flags.string({ summary: 'The new primary; default: the candidate that has the most.', helpValue: 'HOST' }),
    'allow-data-loss': Flags.integer({
      summary: 'Accept that so many bytes of WAL, and the commits in them, are lost.',
      min: 0,
      helpValue: 'BYTES',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Result> {
    const [{ failover }, { interruptible }, { parseDurationMs }, { renderFailover }] = await Promise.all([
      import('../operations/failover/index.ts'),
      import('../run/signals.ts'),
      import('../spec/duration.ts'),
      import('../ui/failover.ts'),
    ]);
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const result = await failover({
      specPath: this.flags.config,
      to: this.flags.to,
      allowDataLossBytes: this.flags['allow-data-loss'],
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      confirm: (what) => this.confirm(what),
      signal: interrupt.signal,
    });
    this.log(renderFailover(result));
    return result;
  }

  private async confirm({ to, candidates }: FailoverPlan): Promise<boolean> {
    const { renderCandidates } = await import('../ui/failover.ts');
    if (!this.jsonEnabled()) process.stderr.write(`${renderCandidates(candidates)}\n\n`);
    if (this.flags.yes) return true;
    const { confirm } = await import('../ui/prompts.ts');
    return confirm(`Make ${to.name} the primary?`);
  }
}
