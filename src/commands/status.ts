import { setTimeout as sleep } from 'node:timers/promises';

import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { ClusterPicture } from '../cluster/picture.ts';
import { CLEAR_SCREEN, intervalFlag, LOGIN_MS } from '../watch-command.ts';

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
    const { openCluster } = await import('../operations/cluster-session.ts');
    const logins = { specPath: this.flags.config, tolerate: true, connectDeadlineMs: LOGIN_MS };
    // What asks the hosts is loaded while they let us in, and what shows their answers while they look.
    const [opened, { readStatus }] = await Promise.all([openCluster(logins), import('../operations/status.ts')]);
    await using session = opened;
    for (;;) {
      const [status, { renderStatus }] = await Promise.all([readStatus(session), import('../ui/status.ts')]);
      if (this.flags.watch) process.stdout.write(CLEAR_SCREEN);
      if (!this.jsonEnabled()) this.log(renderStatus(status));
      if (!this.flags.watch) {
        if (status.isDegraded) this.exitWith('degraded');
        return status;
      }
      await sleep(this.flags.interval * 1000);
    }
  }
}
