import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Maintenance } from '../operations/maintenance.ts';

/** `pgscale resume`: Patroni's maintenance mode. */
export default class Resume extends BaseCommand<typeof Resume> {
  static override summary = 'Have Patroni look after the cluster again (the end of `pause`).';
  static override description = 'Returns when every member that answers knows.';
  static override examples = ['<%= config.bin %> resume'];
  static override flags = {
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Maintenance> {
    const [{ withLockedCluster }, { setMaintenance }, { parseDurationMs }] = await Promise.all([
      import('../operations/locked-cluster.ts'),
      import('../operations/maintenance.ts'),
      import('../spec/duration.ts'),
    ]);
    const lockWaitMs = parseDurationMs(this.flags['lock-wait']);
    const lock = { specPath: this.flags.config, command: 'resume', lockWaitMs, tolerate: true };
    const result = await withLockedCluster(lock, (session) => setMaintenance(session, false));
    const { primary } = result;
    this.log(
      primary === null
        ? 'Patroni looks after the cluster; nobody leads yet. Next: pgscale status'
        : `Patroni looks after the cluster; the primary is ${primary}.`,
    );
    return result;
  }
}
