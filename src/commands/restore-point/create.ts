import { Args } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { RestorePoint } from '../../operations/restore/point.ts';

/** `pgscale restore-point create`. */
export default class RestorePointCreate extends BaseCommand<typeof RestorePointCreate> {
  static override summary = 'Write a name into the WAL, to which a restore can go later.';
  static override description =
    'Before a migration, for instance. It costs nothing, and is kept as long as the WAL is.';
  static override examples = ['<%= config.bin %> restore-point create before-migration'];
  static override args = { name: Args.string({ description: 'The name; 63 characters at most.', required: true }) };

  async run(): Promise<RestorePoint> {
    const [{ openCluster }, { createRestorePoint }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/restore/point.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const point = await createRestorePoint(session, this.args.name);
    this.log(`${point.name} is at ${point.lsn} on timeline ${point.timeline}, ${point.at}.`);
    this.log(`Back to it: pgscale restore --name ${point.name}`);
    return point;
  }
}
