import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { SidePlan, SideRestored } from '../../operations/restore/into-side.ts';

/** `pgscale restore`: the cluster as it was, beside the cluster as it is. */
export default class Restore extends BaseCommand<typeof Restore> {
  static override summary = 'Restore the cluster as it was at a moment, into a server of its own beside it.';
  static override description =
    'Proves from the repository that the moment can be reached before anything is changed, and chooses the backup itself. The server is on one host, on another port, outside Patroni; it does not archive and is read-only; the cluster is not touched. `restore list` and `restore drop` look after it. Interrupted and run again it goes on.';
  static override examples = [
    '<%= config.bin %> restore --to "2026-11-24 07:30:00+01"',
    '<%= config.bin %> restore --name before-migration --exclusive --as check',
    '<%= config.bin %> restore --lsn 1/6B374D48 --timeline 3 --host pg3 --yes --json',
    '<%= config.bin %> restore --latest --yes',
  ];
  static override flags = {
    to: Flags.string({ summary: 'The last moment that is wanted, with its zone.', helpValue: 'TIME' }),
    lsn: Flags.string({ summary: 'A position in the WAL.', helpValue: 'LSN' }),
    xid: Flags.string({ summary: 'A transaction.', helpValue: 'XID' }),
    name: Flags.string({ summary: 'A restore point.', helpValue: 'NAME' }),
    latest: Flags.boolean({ summary: 'As late as can be.' }),
    backup: Flags.string({ summary: 'A backup as it is.', helpValue: 'LABEL' }),
    timeline: Flags.integer({ summary: 'Along which timeline; default: the newest.', min: 1, helpValue: 'N' }),
    exclusive: Flags.boolean({ summary: 'Stop just before the target, not just after it.' }),
    as: Flags.string({ summary: 'What the restored server is called.', default: 'side', helpValue: 'NAME' }),
    host: Flags.string({ summary: 'On which host; default: a standby.' }),
    port: Flags.integer({ summary: 'Default: the first free one from 5532 on.', min: 1024, max: 65_535 }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  };

  async run(): Promise<SideRestored> {
    const [
      { openCluster },
      { restoreIntoSide },
      { targetFromFlags },
      { interruptible },
      { progressStyle },
      { renderRestored },
    ] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/restore/into-side.ts'),
      import('../../operations/restore/request.ts'),
      import('../../run/signals.ts'),
      import('../../run/task-list.ts'),
      import('../../ui/restore.ts'),
    ]);
    const { config, to, lsn, xid, name, latest, backup, timeline, exclusive, as: called, host, port } = this.flags;
    const target = targetFromFlags({ to, lsn, xid, name, latest, backup });
    using interrupt = interruptible(() => process.stderr.write('\nstopping; the same command goes on later\n'));
    await using session = await openCluster({ specPath: config, tolerate: true });
    const restored = await restoreIntoSide(session, {
      target,
      timeline,
      isExclusive: exclusive,
      name: called,
      host,
      port,
      confirm: (plan) => this.confirm(plan),
      run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
    });
    this.log(renderRestored(restored));
    return restored;
  }

  private async confirm(plan: SidePlan): Promise<void> {
    const [{ renderSidePlan }, { confirmed }] = await Promise.all([
      import('../../ui/restore.ts'),
      import('../../ui/prompts.ts'),
    ]);
    this.log(renderSidePlan(plan));
    await confirmed(this.flags.yes, `Restore into ${plan.side.name} on ${plan.side.host}?`);
  }
}
