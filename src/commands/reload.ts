import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Reloaded } from '../operations/reload.ts';

/** `pgscale reload`: settings of PostgreSQL and Patroni. */
export default class Reload extends BaseCommand<typeof Reload> {
  static override summary = 'Have PostgreSQL and Patroni read their settings again; no connection breaks.';
  static override description =
    '`apply` does this by itself where a setting changed. Says what then waits for a restart.';
  static override examples = ['<%= config.bin %> reload', '<%= config.bin %> reload pg2 --json'];
  static override args = { host: Args.string({ description: 'Only these members.', multiple: true }) };
  static override flags = {
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<{ members: Reloaded[] }> {
    const [{ withLockedCluster }, { reloadMembers }, { parseDurationMs }] = await Promise.all([
      import('../operations/locked-cluster.ts'),
      import('../operations/reload.ts'),
      import('../spec/duration.ts'),
    ]);
    const lockWaitMs = parseDurationMs(this.flags['lock-wait']);
    const lock = { specPath: this.flags.config, command: 'reload', lockWaitMs, tolerate: true };
    const members = await withLockedCluster(lock, (session) => reloadMembers(session, this.args.host ?? []));
    for (const { host, pendingRestart } of members) {
      const pending = pendingRestart.length === 0 ? '' : `; a restart is needed for ${pendingRestart.join(', ')}`;
      this.log(`${host} reloaded${pending}`);
    }
    if (members.some(({ pendingRestart }) => pendingRestart.length > 0)) {
      this.log('Next: pgscale restart --rolling --pending');
    }
    return { members };
  }
}
