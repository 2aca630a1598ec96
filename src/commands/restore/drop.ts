import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { Dropped } from '../../operations/restore/sides.ts';

/** `pgscale restore drop`. */
export default class RestoreDrop extends BaseCommand<typeof RestoreDrop> {
  static override summary = 'End a side restore and remove its data.';
  static override description =
    'Only what was restored is removed; the cluster, its backups and its WAL are not touched.';
  static override examples = ['<%= config.bin %> restore drop side', '<%= config.bin %> restore drop check --yes'];
  static override args = { name: Args.string({ description: 'Which one.', required: true }) };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) };

  async run(): Promise<Dropped> {
    const [{ openCluster }, { dropSide }, { confirmed }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/restore/sides.ts'),
      import('../../ui/prompts.ts'),
    ]);
    const { name } = this.args;
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    await confirmed(this.flags.yes, `Drop the side restore ${name} and its data?`);
    const dropped = await dropSide(session, name);
    this.log(`The side restore ${name} on ${dropped.host} is gone.`);
    for (const host of dropped.away) {
      this.log(
        `${host} is away; when it is back: pgscale exec ${host} -- sh -c "systemctl unmask patroni && systemctl start patroni"`,
      );
    }
    return dropped;
  }
}
