import { Args } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { PoolerPicture } from '../../operations/pooler.ts';

/** `pgscale pooler status`. */
export default class PoolerStatus extends BaseCommand<typeof PoolerStatus> {
  static override summary = 'Show every PgBouncer process: its clients, its servers, and what is paused.';
  static override description = 'Exit status 3 when a process or a host does not answer, or holds its clients.';
  static override examples = ['<%= config.bin %> pooler status', '<%= config.bin %> pooler status pg1 --json'];
  static override args = { host: Args.string({ description: 'Only these hosts.', multiple: true }) };

  async run(): Promise<PoolerPicture> {
    const { openCluster } = await import('../../operations/cluster-session.ts');
    const { lookAtPoolers } = await import('../../operations/pooler.ts');
    const { renderPoolers } = await import('../../ui/poolers.ts');
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const picture = await lookAtPoolers(session, this.args.host ?? []);
    const { poolers, problems } = picture;
    this.log(renderPoolers(poolers, problems));
    const isWell = poolers.every(({ isUp, paused }) => isUp && paused.length === 0);
    if (!isWell || problems.length > 0) this.exitWith('degraded');
    return picture;
  }
}
