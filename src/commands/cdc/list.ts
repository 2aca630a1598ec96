import { BaseCommand } from '../../base-command.ts';
import type { StreamView } from '../../operations/cdc/status.ts';

/** `pgscale cdc list`. */
export default class CdcList extends BaseCommand<typeof CdcList> {
  static override summary = 'Show the streams of the spec: plugin, database, role, tables.';

  async run(): Promise<{ streams: StreamView[] }> {
    const [{ openCluster }, { readStreams }, { renderStreams }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/cdc/status.ts'),
      import('../../ui/cdc.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const streams = await readStreams(session);
    this.log(renderStreams(streams));
    return { streams };
  }
}
