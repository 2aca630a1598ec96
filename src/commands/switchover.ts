import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Preflight, Switchover as Result } from '../operations/switchover/index.ts';

/** `pgscale switchover`: a planned move of the primary. */
export default class Switchover extends BaseCommand<typeof Switchover> {
  static override summary =
    'Move the primary to a standby; clients of the pool endpoint wait a moment and see no error.';
  static override description =
    'Looks first (pre-flight), then holds every pooler, has Patroni move the primary, and lets the clients go on. Connections of the `primary` endpoint are closed. If this command is killed meanwhile, the hosts let the clients go on by themselves.';
  static override examples = [
    '<%= config.bin %> switchover',
    '<%= config.bin %> switchover --to pg2 --yes',
    '<%= config.bin %> switchover --at 2027-01-31T03:00:00Z --yes',
  ];
  static override flags = {
    to: Flags.string({ summary: 'The new primary; default: the best candidate.', helpValue: 'HOST' }),
    at: Flags.string({ summary: 'Wait until then, and do it; this command has to run until then.', helpValue: 'TIME' }),
    'pause-timeout': Flags.string({
      summary: 'How long to wait for running transactions; then the poolers are resumed and nothing is moved.',
      default: '5s',
      helpValue: '5s',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Result> {
    const [{ switchover }, { interruptible }, { parseDurationMs }, { progressStyle }, { renderSwitchover }] =
      await Promise.all([
        import('../operations/switchover/index.ts'),
        import('../run/signals.ts'),
        import('../spec/duration.ts'),
        import('../run/task-list.ts'),
        import('../ui/switchover.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    await this.waitUntil(interrupt.signal);
    const result = await switchover({
      specPath: this.flags.config,
      to: this.flags.to,
      pauseTimeoutMs: parseDurationMs(this.flags['pause-timeout']),
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      confirm: (what) => this.confirm(what),
      run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
    });
    this.log(renderSwitchover(result));
    return result;
  }

  private async waitUntil(signal: AbortSignal): Promise<void> {
    const { at } = this.flags;
    if (at === undefined) return;
    const time = Date.parse(at);
    if (Number.isNaN(time) || time < Date.now())
      this.error(`--at needs a time to come, like 2027-01-31T03:00:00Z: ${at}`, { exit: 2 });
    if (!this.flags.yes) this.error('--at needs --yes: nobody may be there to answer then', { exit: 2 });
    process.stderr.write(`waiting until ${new Date(time).toISOString()}\n`);
    const { sleepUntil } = await import('../run/deadline.ts');
    await sleepUntil(time, signal);
  }

  private async confirm(what: Preflight): Promise<boolean> {
    const { renderPreflight } = await import('../ui/switchover.ts');
    if (!this.jsonEnabled()) process.stderr.write(`${renderPreflight(what)}\n\n`);
    if (this.flags.yes) return true;
    const { confirm } = await import('../ui/prompts.ts');
    return confirm(`Move the primary from ${what.from} to ${what.to}?`);
  }
}
