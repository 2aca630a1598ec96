import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { RestoreDrill } from '../../operations/drill/restore.ts';

/** `pgscale drill restore`. */
export default class DrillRestore extends BaseCommand<typeof DrillRestore> {
  static override summary = 'Prove that the backups can be restored: do it, to scratch, and look at what comes out.';
  static override description =
    'Restores the latest state on one host, has amcheck look at every table and index, and runs the checks of the spec (backup.drill.checks). Tells how long it took until the copy took writes (RTO), and how much older its last commit was than the cluster’s (RPO). The copy is removed again; the cluster is not touched. `status` shows the last one; with backup.drill in the spec a timer does this. Status 3: the drill failed.';
  static override examples = ['<%= config.bin %> drill restore', '<%= config.bin %> drill restore --host pg3 --json'];
  static override flags = {
    host: Flags.string({ summary: 'Where; default: the standby that is the least behind.', helpValue: 'NAME' }),
  };

  async run(): Promise<RestoreDrill> {
    const [{ openCluster }, { restoreDrill }, { interruptible }, { progressStyle }, { renderRestoreDrill }] =
      await Promise.all([
        import('../../operations/cluster-session.ts'),
        import('../../operations/drill/restore.ts'),
        import('../../run/signals.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/restore.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\nno longer waiting; the drill goes on\n'));
    const { config, host } = this.flags;
    await using session = await openCluster({ specPath: config, tolerate: true });
    const run = { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal };
    const drill = await restoreDrill(session, { host, run });
    this.log(renderRestoreDrill(drill));
    if (drill.result === 'failed') this.exitWith('degraded');
    return drill;
  }
}
