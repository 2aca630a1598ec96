import { type Command, Flags } from '@oclif/core';

import { BaseCommand } from './base-command.ts';
import type { PartitionResult, PartitionRun } from './operations/partition/run.ts';

/** What the `partition` commands that change something have in common: `--yes`, progress, how it is told. */
export abstract class PartitionCommand<T extends typeof Command> extends BaseCommand<T> {
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  /** Runs it under the lock of the cluster, with a line on stderr for everything that was done. */
  protected async change(
    { yes, lockWait }: { yes: boolean; lockWait: string },
    question: string,
    run: Omit<PartitionRun, 'onDeed' | 'signal'>,
  ): Promise<PartitionResult> {
    const [
      { withLockedCluster },
      { runPartitions },
      { interruptible },
      { parseDurationMs },
      { renderDeed },
      { confirmed },
    ] = await Promise.all([
      import('./operations/locked-cluster.ts'),
      import('./operations/partition/run.ts'),
      import('./run/signals.ts'),
      import('./spec/duration.ts'),
      import('./ui/partition.ts'),
      import('./ui/prompts.ts'),
    ]);
    await confirmed(yes, question);
    using interrupt = interruptible(() => process.stderr.write('\nstopping after this statement\n'));
    const lock = { specPath: this.flags.config, command: run.command, lockWaitMs: parseDurationMs(lockWait) };
    const result = await withLockedCluster({ ...lock, tolerate: true }, (session) =>
      runPartitions(session, {
        ...run,
        signal: interrupt.signal,
        onDeed: (deed) => process.stderr.write(`${renderDeed(deed)}\n`),
      }),
    );
    this.log(
      result.deeds.length === 0 ? 'Nothing had to be done.' : `Done on ${result.primary}: ${result.deeds.length}.`,
    );
    return result;
  }
}
