import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { PoolerView } from '../../operations/pooler.ts';

/** `pgscale pooler resume`. */
export default class PoolerResume extends BaseCommand<typeof PoolerResume> {
  static override summary = 'Let the clients of the pool endpoint go on.';
  static override description = 'Also takes back the timer that `pooler pause` left on the hosts.';
  static override examples = ['<%= config.bin %> pooler resume', '<%= config.bin %> pooler resume pg1'];
  static override args = { host: Args.string({ description: 'Only these hosts.', multiple: true }) };
  static override flags = {
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<{ poolers: PoolerView[] }> {
    const [{ withLockedCluster }, { resumePoolers }, { parseDurationMs }, { renderPoolers }] = await Promise.all([
      import('../../operations/locked-cluster.ts'),
      import('../../operations/pooler.ts'),
      import('../../spec/duration.ts'),
      import('../../ui/poolers.ts'),
    ]);
    const lock = {
      specPath: this.flags.config,
      command: 'pooler resume',
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      tolerate: true,
    };
    const poolers = await withLockedCluster(lock, (session) => resumePoolers(session, this.args.host ?? []));
    this.log(renderPoolers(poolers));
    return { poolers };
  }
}
