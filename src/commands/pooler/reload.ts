import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { PoolerView } from '../../operations/pooler.ts';

/** `pgscale pooler reload`. */
export default class PoolerReload extends BaseCommand<typeof PoolerReload> {
  static override summary = 'Have every PgBouncer process read its settings again; no client notices.';
  static override description = '`apply` does this by itself where a setting changed.';
  static override examples = ['<%= config.bin %> pooler reload', '<%= config.bin %> pooler reload pg1'];
  static override args = { host: Args.string({ description: 'Only these hosts.', multiple: true }) };
  static override flags = {
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<{ poolers: PoolerView[] }> {
    const [{ withLockedCluster }, { reloadPoolers }, { parseDurationMs }, { renderPoolers }] = await Promise.all([
      import('../../operations/locked-cluster.ts'),
      import('../../operations/pooler.ts'),
      import('../../spec/duration.ts'),
      import('../../ui/poolers.ts'),
    ]);
    const lock = {
      specPath: this.flags.config,
      command: 'pooler reload',
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      tolerate: true,
    };
    const poolers = await withLockedCluster(lock, (session) => reloadPoolers(session, this.args.host ?? []));
    this.log(renderPoolers(poolers));
    return { poolers };
  }
}
