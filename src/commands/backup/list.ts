import { BaseCommand } from '../../base-command.ts';
import type { BackupList as Listed } from '../../operations/backup/list.ts';

/** `pgscale backup list`. */
export default class BackupList extends BaseCommand<typeof BackupList> {
  static override summary = 'Show the backups, and the windows in which every second can be restored.';
  static override description =
    'Reads the repository itself: a window ends where a segment of WAL is missing, whatever backups come later. Times are when the last segment of a window arrived; a restore reaches every commit up to then.';
  static override examples = ['<%= config.bin %> backup list', '<%= config.bin %> backup list --json'];

  async run(): Promise<Listed> {
    const [{ openCluster }, { listBackups }, { renderBackups }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/backup/list.ts'),
      import('../../ui/backup.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const listed = await listBackups(session);
    this.log(renderBackups(listed));
    return listed;
  }
}
