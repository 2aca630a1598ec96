import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { ClusterPicture } from '../cluster/picture.ts';
import { intervalFlag } from '../watch-command.ts';

/** `pgscale status`: the cluster as it is. */
export default class Status extends BaseCommand<typeof Status> {
  static override summary = 'Show members, replication, etcd, poolers, proxies and endpoints; exit 3 when degraded.';
  static override description =
    'Asks every host at the same time and changes nothing. Says which guarantee a commit has right now, and lists every reason why the cluster is not what the spec promises. Names what differs from the last `apply`: the spec, or files of a host; `plan` compares everything.';
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --watch',
    '<%= config.bin %> status --json',
  ];
  static override flags = {
    watch: Flags.boolean({ char: 'w', summary: 'Show it again and again, until Ctrl-C.', exclusive: ['json'] }),
    interval: intervalFlag(2),
  };

  async run(): Promise<ClusterPicture> {
    const { WatchedCluster } = await import('../operations/watched-cluster.ts');
    // What asks the hosts is loaded while they let us in, and what shows their answers while they look.
    const opening = WatchedCluster.open(this.flags.config);
    const [opened, { readStatus }] = await Promise.all([opening, import('../operations/status.ts')]);
    await using cluster = opened;
    if (this.flags.watch) {
      const [{ renderStatus }, { watchScreen }] = await Promise.all([
        import('../ui/status.ts'),
        import('../ui/watch.ts'),
      ]);
      const look = async (): Promise<string> => renderStatus(await readStatus(await cluster.session()));
      return await watchScreen(look, this.flags.interval * 1000);
    }
    const looking = cluster.session().then((session) => readStatus(session));
    const [status, { renderStatus }] = await Promise.all([looking, import('../ui/status.ts')]);
    if (!this.jsonEnabled()) this.log(renderStatus(status));
    if (status.isDegraded) this.exitWith('degraded');
    return status;
  }
}
