import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Upgraded } from '../operations/upgrade/index.ts';
import type { UpgradePlan } from '../operations/upgrade/plan.ts';

/** `pgscale upgrade`: a rolling minor upgrade. */
export default class Upgrade extends BaseCommand<typeof Upgrade> {
  static override summary = 'Bring the packages of every component to what apt offers, one host after the other.';
  static override description =
    'Standbys first, then a switchover, then the former primary; the next host begins when the one before streams and has caught up. Stops at the first that does not come back. Run again, it goes on where it stopped. Minor versions only: PostgreSQL stays at its major version.';
  static override examples = [
    '<%= config.bin %> upgrade --dry-run',
    '<%= config.bin %> upgrade',
    '<%= config.bin %> upgrade --yes --json',
  ];
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Only show what would be done; exit status 10 when there is something.' }),
    'pause-timeout': Flags.string({
      summary: 'How long to wait for running transactions before the primary moves.',
      default: '5s',
      helpValue: '5s',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Upgraded> {
    const [{ withLockedCluster }, { upgrade }, { interruptible }, { parseDurationMs }, { progressStyle }] =
      await Promise.all([
        import('../operations/locked-cluster.ts'),
        import('../operations/upgrade/index.ts'),
        import('../run/signals.ts'),
        import('../spec/duration.ts'),
        import('../run/task-list.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const lockWaitMs = parseDurationMs(this.flags['lock-wait']);
    const lock = { specPath: this.flags.config, command: 'upgrade', lockWaitMs };
    const result = await withLockedCluster(lock, (session) =>
      upgrade(session, {
        isDryRun: this.flags['dry-run'],
        pauseTimeoutMs: parseDurationMs(this.flags['pause-timeout']),
        confirm: (plan) => this.confirm(plan),
        run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
      }),
    );
    this.log(await this.summaryOf(result));
    if (this.flags['dry-run'] && result.hosts.length > 0) this.exitWith('changesPending');
    return result;
  }

  private async confirm(plan: UpgradePlan): Promise<void> {
    const [{ renderUpgrade }, { confirmed }] = await Promise.all([
      import('../ui/upgrade.ts'),
      import('../ui/prompts.ts'),
    ]);
    const { interruptions } = await import('../operations/upgrade/plan.ts');
    if (!this.jsonEnabled())
      process.stderr.write(`${renderUpgrade({ ...plan, interruptions: interruptions(plan) })}\n\n`);
    await confirmed(this.flags.yes, 'Upgrade these hosts, one after the other?');
  }

  private async summaryOf(result: Upgraded): Promise<string> {
    const [{ renderUpgrade }, { duration }] = await Promise.all([import('../ui/upgrade.ts'), import('../ui/time.ts')]);
    const { interruptions } = await import('../operations/upgrade/plan.ts');
    const { hosts, primary, durationMs, isDone } = result;
    if (hosts.length === 0) return 'Nothing to do: every host has what apt offers, and runs it.';
    if (!isDone) return renderUpgrade({ ...result, interruptions: interruptions(result) });
    const moved =
      primary.before === primary.after ? '' : ` The primary moved from ${primary.before} to ${primary.after}.`;
    return `Upgraded ${hosts.map(({ host }) => host).join(', ')} in ${duration(durationMs)}.${moved}`;
  }
}
