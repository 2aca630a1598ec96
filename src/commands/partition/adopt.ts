import { Args, Flags } from '@oclif/core';

import type { AdoptPreview, AdoptResult } from '../../operations/partition/adopt.ts';
import { PartitionCommand } from '../../partition-command.ts';

/** `pgscale partition adopt`. */
export default class PartitionAdopt extends PartitionCommand<typeof PartitionAdopt> {
  static override summary =
    'Make a large plain table partitioned while it is in use; it becomes its own first partition.';
  static override description =
    'No row is moved and no write waits for longer than 200 ms. Looks first, and tells what would change. Until the last step, the swap, `--revert` takes everything back; killed anywhere, the same again goes on.';
  static override examples = [
    '<%= config.bin %> partition adopt events --dry-run',
    '<%= config.bin %> partition adopt events --yes',
    '<%= config.bin %> partition adopt events --revert',
  ];
  static override args = { table: Args.string({ description: 'A plain table with a range policy.', required: true }) };
  static override flags = {
    ...PartitionCommand.flags,
    'dry-run': Flags.boolean({ summary: 'Only look, and print the SQL. Exit status 4 when it cannot be adopted.' }),
    revert: Flags.boolean({ summary: 'Take back what was done, before the swap.', exclusive: ['dry-run'] }),
    'widen-unique': Flags.boolean({
      summary: 'Unique keys that lack the partition key may get it; the primary key gets it anyway.',
    }),
  };

  async run(): Promise<AdoptPreview | AdoptResult> {
    const [{ openCluster }, { previewAdoption }, { renderAdoptPreview }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/partition/adopt.ts'),
      import('../../ui/partition-adopt.ts'),
    ]);
    const { revert, 'dry-run': isDryRun, 'widen-unique': widenUnique } = this.flags;
    const request = { table: this.args.table, widenUnique };
    if (!revert) {
      await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
      const preview = await previewAdoption(session, request);
      const isRefused = preview.problems.some(({ severity }) => severity === 'error');
      if (isDryRun) this.log(renderAdoptPreview(preview, { sql: true }));
      else process.stderr.write(`${renderAdoptPreview(preview, { sql: false })}\n`);
      if (isRefused) this.exitWith('checkFailed');
      if (isDryRun || isRefused) return preview;
    }
    return this.adopt(request, revert);
  }

  private async adopt(request: { table: string; widenUnique: boolean }, isRevert: boolean): Promise<AdoptResult> {
    const [
      { withLockedCluster },
      { adoptTable, revertTable },
      { interruptible },
      { parseDurationMs },
      { renderAdopted, renderAdoptStep, renderProgress },
      { confirmed },
    ] = await Promise.all([
      import('../../operations/locked-cluster.ts'),
      import('../../operations/partition/adopt.ts'),
      import('../../run/signals.ts'),
      import('../../spec/duration.ts'),
      import('../../ui/partition-adopt.ts'),
      import('../../ui/prompts.ts'),
    ]);
    const { yes, 'lock-wait': lockWait } = this.flags;
    const question = isRevert ? `Take the adoption of ${request.table} back?` : `Adopt ${request.table}?`;
    await confirmed(yes, question);
    using interrupt = interruptible(() => process.stderr.write('\nstopping after this statement\n'));
    const command = `partition adopt${isRevert ? ' --revert' : ''}`;
    const lock = { specPath: this.flags.config, command, lockWaitMs: parseDurationMs(lockWait), tolerate: true };
    const result = await withLockedCluster(lock, (session) =>
      (isRevert ? revertTable : adoptTable)(session, {
        ...request,
        signal: interrupt.signal,
        onStep: (step) => process.stderr.write(`${renderAdoptStep(step)}\n`),
        onProgress: (progress) => process.stderr.write(`${renderProgress(progress)}\n`),
      }),
    );
    this.log(renderAdopted(result, isRevert));
    return result;
  }
}
