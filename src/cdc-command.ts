import { type Command, Flags } from '@oclif/core';

import { BaseCommand } from './base-command.ts';
import type { ClusterSession } from './operations/cluster-session.ts';

/** What the `cdc` commands that change a slot have in common: `--yes`, the lock of the cluster. */
export abstract class CdcCommand<T extends typeof Command> extends BaseCommand<T> {
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  /** Asks, and does it under the lock of the cluster. */
  protected async change<R>(
    question: string,
    command: string,
    work: (session: ClusterSession) => Promise<R>,
  ): Promise<R> {
    const [{ withLockedCluster }, { parseDurationMs }, { confirmed }] = await Promise.all([
      import('./operations/locked-cluster.ts'),
      import('./spec/duration.ts'),
      import('./ui/prompts.ts'),
    ]);
    const {
      config,
      yes,
      'lock-wait': lockWait,
    } = this.flags as typeof this.flags & { yes: boolean; 'lock-wait': string };
    await confirmed(yes, question);
    return withLockedCluster(
      { specPath: config, command, lockWaitMs: parseDurationMs(lockWait), tolerate: true },
      work,
    );
  }
}
