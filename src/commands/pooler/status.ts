import { Args } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { PoolerView } from '../../operations/pooler.ts';

/** `pgscale pooler status`. */
export default class PoolerStatus extends BaseCommand<typeof PoolerStatus> {
  static override summary = 'Show every PgBouncer process: its clients, its servers, and what is paused.';
  static override description = 'Exit status 3 when a process does not answer or holds its clients.';
  static override examples = ['<%= config.bin %> pooler status', '<%= config.bin %> pooler status pg1 --json'];
  static override args = { host: Args.string({ description: 'Only these hosts.', multiple: true }) };

  async run(): Promise<{ poolers: PoolerView[] }> {
    const { openCluster } = await import('../../operations/cluster-session.ts');
    const { readPoolerViews } = await import('../../operations/pooler.ts');
    const { renderPoolers } = await import('../../ui/poolers.ts');
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const poolers = await readPoolerViews(session, this.args.host);
    this.log(renderPoolers(poolers));
    if (poolers.some(({ isUp, paused }) => !isUp || paused.length > 0)) this.exitWith('degraded');
    return { poolers };
  }
}
