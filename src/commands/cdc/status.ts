import { BaseCommand } from '../../base-command.ts';
import type { CdcStatus as Status } from '../../operations/cdc/status.ts';

/** `pgscale cdc status`. */
export default class CdcStatus extends BaseCommand<typeof CdcStatus> {
  static override summary =
    'Show the logical slots of the primary: consumer, position, WAL kept, copies; exit 3 when degraded.';
  static override description =
    'Degraded is a slot that keeps half of the WAL that it may, that is lost, or of which no standby has a usable copy.';

  async run(): Promise<Status> {
    const [{ openCluster }, { readCdcStatus }, { renderSlots }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/cdc/status.ts'),
      import('../../ui/cdc.ts'),
    ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const status = await readCdcStatus(session);
    this.log(renderSlots(status.slots, status.problems));
    if (status.problems.some(({ severity }) => severity === 'degraded')) this.exitWith('degraded');
    return status;
  }
}
