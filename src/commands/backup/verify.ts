import { BaseCommand } from '../../base-command.ts';
import type { Verified } from '../../operations/backup/verify.ts';

/** `pgscale backup verify`. */
export default class BackupVerify extends BaseCommand<typeof BackupVerify> {
  static override summary = 'Read every file of the repository and compare its checksum; exit 4 when one is damaged.';
  static override description =
    'It reads everything that is stored, so it costs the traffic of a full restore. It runs as a job on the host of a standby, and goes on when the connection breaks.';
  static override examples = ['<%= config.bin %> backup verify', '<%= config.bin %> backup verify --json'];

  async run(): Promise<Verified> {
    const [{ openCluster }, { verifyBackups }, { interruptible }, { progressStyle }, { renderVerified }] =
      await Promise.all([
        import('../../operations/cluster-session.ts'),
        import('../../operations/backup/verify.ts'),
        import('../../run/signals.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/backup.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\nno longer waiting; the job goes on\n'));
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const run = { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal };
    const verified = await verifyBackups(session, run);
    this.log(renderVerified(verified));
    if (!verified.isSound) this.exitWith('checkFailed');
    return verified;
  }
}
