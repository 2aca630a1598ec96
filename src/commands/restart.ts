import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Restarted, RestartPlan } from '../operations/member-restart/index.ts';

/** `pgscale restart`: PostgreSQL of the members, one by one. */
export default class Restart extends BaseCommand<typeof Restart> {
  static override summary = 'Restart PostgreSQL, one member after the other, in the order that its settings demand.';
  static override description =
    'Standbys first; the primary first where max_connections or its kin get smaller. Clients of the pool endpoint wait while the primary restarts, with --rolling only while it moves to another member.';
  static override examples = [
    '<%= config.bin %> restart --rolling --pending',
    '<%= config.bin %> restart pg2 --yes',
    '<%= config.bin %> restart --yes --json',
  ];
  static override args = { host: Args.string({ description: 'Only these members.', multiple: true }) };
  static override flags = {
    rolling: Flags.boolean({ summary: 'Move the primary to a restarted member before it is restarted itself.' }),
    pending: Flags.boolean({ summary: 'Only members with a setting that waits for a restart.' }),
    'pause-timeout': Flags.string({
      summary: 'How long to wait for running transactions before the primary moves or restarts.',
      default: '5s',
      helpValue: '5s',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Restarted> {
    const [{ withLockedCluster }, { restartMembers }, { interruptible }, { parseDurationMs }, { progressStyle }] =
      await Promise.all([
        import('../operations/locked-cluster.ts'),
        import('../operations/member-restart/index.ts'),
        import('../run/signals.ts'),
        import('../spec/duration.ts'),
        import('../run/task-list.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const { config, rolling, pending } = this.flags;
    const lock = {
      specPath: config,
      command: 'restart',
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      tolerate: true,
    };
    const result = await withLockedCluster(lock, (session) =>
      restartMembers(session, {
        hosts: this.args.host ?? [],
        isPendingOnly: pending,
        isRolling: rolling,
        pauseTimeoutMs: parseDurationMs(this.flags['pause-timeout']),
        confirm: (plan) => this.confirm(plan),
        run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
      }),
    );
    this.log(await this.summaryOf(result));
    return result;
  }

  private async confirm({ order, hasSwitchover }: RestartPlan): Promise<void> {
    const { confirmed } = await import('../ui/prompts.ts');
    const names = order.map(({ host, isPrimary }) => (isPrimary ? `${host} (primary)` : host)).join(', then ');
    const moves = hasSwitchover ? ' The primary moves first.' : '';
    await confirmed(this.flags.yes, `Restart PostgreSQL on ${names}?${moves}`);
  }

  private async summaryOf({ restarted, primary, durationMs }: Restarted): Promise<string> {
    if (restarted.length === 0) return 'No member waits for a restart.';
    const { duration } = await import('../ui/time.ts');
    const moved =
      primary.before === primary.after ? '' : ` The primary moved from ${primary.before} to ${primary.after}.`;
    return `Restarted ${restarted.join(', ')} in ${duration(durationMs)}.${moved}`;
  }
}
