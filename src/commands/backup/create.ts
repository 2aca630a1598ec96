import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { Created } from '../../operations/backup/create.ts';

/** `pgscale backup create`. */
export default class BackupCreate extends BaseCommand<typeof BackupCreate> {
  static override summary = 'Make a backup, from a standby unless there is none.';
  static override description =
    'It runs as a job on the host: when the connection breaks or the command is ended, the backup goes on, and the same command follows it. The first backup is always a full one. What the retention of the spec does not keep is removed afterwards.';
  static override examples = [
    '<%= config.bin %> backup create',
    '<%= config.bin %> backup create --type full',
    '<%= config.bin %> backup create --from pg3 --json',
  ];
  static override flags = {
    type: Flags.option({
      summary: 'full: everything; diff: what changed since the last full; incr: since the last backup.',
      options: ['full', 'diff', 'incr'] as const,
      default: 'incr',
    })(),
    from: Flags.string({ summary: 'The host that makes it; default: the standby that is the least behind.' }),
  };

  async run(): Promise<Created> {
    const [{ openCluster }, { createBackup }, { interruptible }, { progressStyle }, { renderCreated }] =
      await Promise.all([
        import('../../operations/cluster-session.ts'),
        import('../../operations/backup/create.ts'),
        import('../../run/signals.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/backup.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\nno longer waiting; the backup goes on\n'));
    const { config, type, from } = this.flags;
    await using session = await openCluster({ specPath: config, tolerate: true });
    const run = { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal };
    const created = await createBackup(session, { type, from, run });
    this.log(renderCreated(created));
    return created;
  }
}
