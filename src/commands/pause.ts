import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Maintenance } from '../operations/maintenance.ts';

/** `pgscale pause`: Patroni's maintenance mode. */
export default class Pause extends BaseCommand<typeof Pause> {
  static override summary = 'Have Patroni leave everything as it is (maintenance mode): no failover until `resume`.';
  static override description =
    'Stopping Patroni does not stop PostgreSQL then. A primary that dies stays dead. Not to be mixed up with `pooler pause`.';
  static override examples = ['<%= config.bin %> pause'];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Maintenance> {
    const [{ withLockedCluster }, { setMaintenance }, { parseDurationMs }] = await Promise.all([
      import('../operations/locked-cluster.ts'),
      import('../operations/maintenance.ts'),
      import('../spec/duration.ts'),
    ]);
    const { confirmed } = await import('../ui/prompts.ts');
    await confirmed(this.flags.yes, 'Nobody takes over when the primary fails, until `pgscale resume`. Pause?');
    const lockWaitMs = parseDurationMs(this.flags['lock-wait']);
    const lock = { specPath: this.flags.config, command: 'pause', lockWaitMs, tolerate: true };
    const result = await withLockedCluster(lock, (session) => setMaintenance(session, true));
    const from = result.primary === null ? '' : ` from ${result.primary}`;
    this.log(`Patroni is paused: nobody takes over${from}. Next: pgscale resume`);
    return result;
  }
}
