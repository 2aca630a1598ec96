import { BaseCommand } from '../../base-command.ts';
import type { SideState } from '../../operations/restore/sides.ts';

/** `pgscale restore list`. */
export default class RestoreList extends BaseCommand<typeof RestoreList> {
  static override summary = 'Show the side restores: where they are, what they were restored to, how large they are.';
  static override description = 'A side restore stays until it is dropped; after a reboot of its host it is stopped.';
  static override examples = ['<%= config.bin %> restore list', '<%= config.bin %> restore list --json'];

  async run(): Promise<{ restores: readonly SideState[] }> {
    const [{ openCluster }, { listSides }, { renderSides }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/restore/sides.ts'),
      import('../../ui/restore.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const restores = await listSides(session);
    this.log(renderSides(restores));
    return { restores };
  }
}
