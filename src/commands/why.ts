import { BaseCommand } from '../base-command.ts';
import type { Why as Result } from '../operations/why.ts';

/** `pgscale why`: what keeps a cluster from having a leader. */
export default class Why extends BaseCommand<typeof Why> {
  static override summary = 'Explain why the cluster has no leader; exit 3 when it has none.';
  static override description =
    'Asks every host that answers for its position, and etcd for what Patroni keeps there: who leads, whether it is paused, who may be elected.';
  static override examples = ['<%= config.bin %> why', '<%= config.bin %> why --json'];

  async run(): Promise<Result> {
    const { openCluster } = await import('../operations/cluster-session.ts');
    const { readWhy } = await import('../operations/why.ts');
    const { renderWhy } = await import('../ui/failover.ts');
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const why = await readWhy(session);
    this.log(renderWhy(why));
    if (why.leader === null) this.exitWith('degraded');
    return why;
  }
}
