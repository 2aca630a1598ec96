import { BaseCommand } from '../../base-command.ts';
import type { BackupCheck as Checked } from '../../operations/backup/check.ts';

/** `pgscale backup check`. */
export default class BackupCheck extends BaseCommand<typeof BackupCheck> {
  static override summary = 'Prove that WAL arrives in the repository and that every database host can use it.';
  static override description =
    'Has the primary finish a segment of WAL and waits for it to arrive; reads the repository from the other hosts; compares the versions of pgBackRest. Exit 4 when something is wrong.';
  static override examples = ['<%= config.bin %> backup check', '<%= config.bin %> backup check --json'];

  async run(): Promise<Checked> {
    const [{ openCluster }, { checkBackups }, { renderBackupCheck }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/backup/check.ts'),
      import('../../ui/backup.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const checked = await checkBackups(session);
    this.log(renderBackupCheck(checked));
    if (!checked.isSound) this.exitWith('checkFailed');
    return checked;
  }
}
