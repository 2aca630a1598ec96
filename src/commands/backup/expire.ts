import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { Expired } from '../../operations/backup/expire.ts';

/** `pgscale backup expire`. */
export default class BackupExpire extends BaseCommand<typeof BackupExpire> {
  static override summary = 'Remove the backups and the WAL that the retention of the spec does not keep.';
  static override description = 'Every backup does so by itself; this is for a retention that was just made shorter.';
  static override examples = ['<%= config.bin %> backup expire --dry-run', '<%= config.bin %> backup expire --yes'];
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Only say what would be removed.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<Expired> {
    const [{ openCluster }, { expireBackups }, { confirmed }, { renderExpired }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/backup/expire.ts'),
      import('../../ui/prompts.ts'),
      import('../../ui/backup.ts'),
    ]);
    const isDryRun = this.flags['dry-run'];
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    if (!isDryRun) await confirmed(this.flags.yes, 'Remove the backups that the retention does not keep?');
    const expired = await expireBackups(session, isDryRun);
    this.log(renderExpired(expired));
    return expired;
  }
}
