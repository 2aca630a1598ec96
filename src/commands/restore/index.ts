import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Kept } from '../../operations/restore/in-place/discard.ts';
import type { InPlaceOptions, RestoredInPlace } from '../../operations/restore/in-place/index.ts';
import type { NewPlan, RestoredNew } from '../../operations/restore/into-new/index.ts';
import type { SidePlan, SideRestored } from '../../operations/restore/into-side.ts';
import type { TargetAnswers } from '../../ui/restore-questions.ts';

/** `pgscale restore`: the cluster as it was, beside the cluster as it is, in its place, or on other hosts. */
export default class Restore extends BaseCommand<typeof Restore> {
  static override summary =
    'Restore the cluster as it was at a moment: into a server of its own beside it, in place, or as a new cluster.';
  static override description =
    'Proves from the repository that the moment can be reached before anything is changed, and chooses the backup itself. By default the server is on one host, on another port, outside Patroni; it does not archive and is read-only; the cluster is not touched. `restore list` and `restore drop` look after it.\n\nWith --in-place the whole cluster goes back. A copy is restored and replayed beside the data while the cluster runs; then every member is stopped, the copy is promoted to a new timeline and takes the place of the data, which is kept on its host until --discard-old; the standbys follow. Until the copy is in place, `restore drop in-place` goes back.\n\nWith --into new a new cluster is made on other hosts, as --spec says, also when nothing of the old one is left but its archive, its spec (--config) and its secrets. It has passwords and an archive of its own; the old cluster is not touched.\n\nInterrupted and run again it goes on. On a terminal, without a target, it asks.';
  static override examples = [
    '<%= config.bin %> restore --to "2026-11-24 07:30:00+01"',
    '<%= config.bin %> restore --xid 778901 --exclusive --as check',
    '<%= config.bin %> restore --lsn 1/6B374D48 --timeline 3 --host pg3 --yes --json',
    '<%= config.bin %> restore --in-place --to "2026-11-24 07:30:00+01"',
    '<%= config.bin %> restore --in-place --name before-migration --yes --cluster orders',
    '<%= config.bin %> restore --into new --spec new.yaml --to "2026-11-24 07:30:00+01"',
    '<%= config.bin %> restore --discard-old --yes --cluster orders',
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
    host: Flags.string({ summary: 'On which host; default: a standby, with --in-place the primary.' }),
    port: Flags.integer({ summary: 'Default: the first free one from 5532 on.', min: 1024, max: 65_535 }),
    into: Flags.option({
      summary: 'A server beside the cluster (the default), or a new cluster on other hosts.',
      options: ['side', 'new'] as const,
      exclusive: ['in-place'],
    })(),
    spec: Flags.string({ summary: 'The spec of the new cluster, for --into new.', helpValue: 'FILE' }),
    'in-place': Flags.boolean({ summary: 'The cluster itself goes back. All that was written since is gone from it.' }),
    'discard-old': Flags.boolean({
      summary: 'Remove the data that earlier restores in place have kept.',
      exclusive: ['in-place', 'into', 'to', 'lsn', 'xid', 'name', 'latest', 'backup'],
    }),
    cluster: Flags.string({ summary: 'The name of the cluster; with --yes in place of typing it.', helpValue: 'NAME' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; with --in-place and --discard-old it needs --cluster.' }),
  };

  async run(): Promise<SideRestored | RestoredInPlace | RestoredNew | { discarded: readonly Kept[] }> {
    if (this.flags['discard-old']) return this.discard();
    this.refuseMisplaced();
    const [{ interruptible }, { progressStyle }, { targetFromFlags, refusePointlessExclusive }] = await Promise.all([
      import('../../run/signals.ts'),
      import('../../run/task-list.ts'),
      import('../../operations/restore/request.ts'),
    ]);
    const { to, lsn, xid, name, latest, backup, timeline, exclusive, host } = this.flags;
    const given = { to, lsn, xid, name, latest, backup };
    const isGiven = Object.values(given).some((each) => each !== undefined && each !== false);
    const asked = isGiven ? undefined : await this.ask();
    const target = targetFromFlags(asked?.target ?? given);
    refusePointlessExclusive(target, exclusive);
    const isInPlace = this.flags['in-place'] || asked?.isInPlace === true;
    using interrupt = interruptible(() => process.stderr.write('\nstopping; the same command goes on later\n'));
    const run = { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal };
    const wanted = { target, timeline, isExclusive: exclusive, host, run };
    if (this.flags.into === 'new') return await this.intoNew(wanted);
    return await (isInPlace ? this.inPlace(wanted) : this.intoSide(wanted));
  }

  /** What the flags leave open, by questions; undefined where there is nobody to ask. */
  private async ask(): Promise<{ target: TargetAnswers; isInPlace: boolean } | undefined> {
    const { canAsk } = await import('../../ui/prompts.ts');
    if (this.jsonEnabled() || !canAsk()) return undefined;
    const [{ openCluster }, { listBackups }, { targetProblem }, { askTarget, askWhere }, { renderBackups }] =
      await Promise.all([
        import('../../operations/cluster-session.ts'),
        import('../../operations/backup/list.ts'),
        import('../../operations/restore/request.ts'),
        import('../../ui/restore-questions.ts'),
        import('../../ui/backup.ts'),
      ]);
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    const list = await listBackups(session);
    process.stderr.write(`${renderBackups(list)}\n\n`);
    const target = await askTarget(list, targetProblem);
    const isInPlace = this.flags.into === undefined && (this.flags['in-place'] || (await askWhere()) === 'in-place');
    return { target, isInPlace };
  }

  private async intoSide(wanted: Omit<InPlaceOptions, 'confirm'>): Promise<SideRestored> {
    const [{ openCluster }, { restoreIntoSide }, { renderRestored }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/restore/into-side.ts'),
      import('../../ui/restore.ts'),
    ]);
    const { config, as: name, port } = this.flags;
    await using session = await openCluster({ specPath: config, tolerate: true });
    const confirm = (plan: SidePlan): Promise<void> => this.confirmSide(plan);
    const restored = await restoreIntoSide(session, { ...wanted, name, port, confirm });
    this.log(renderRestored(restored));
    return restored;
  }

  private async inPlace(wanted: Omit<InPlaceOptions, 'confirm'>): Promise<RestoredInPlace> {
    const [{ withLockedCluster }, { restoreInPlace }, { renderSidePlan, renderInPlace }] = await Promise.all([
      import('../../operations/locked-cluster.ts'),
      import('../../operations/restore/in-place/index.ts'),
      import('../../ui/restore.ts'),
    ]);
    const restored = await withLockedCluster(await this.lock('restore --in-place'), (session) =>
      restoreInPlace(session, {
        ...wanted,
        confirm: async (side, plan) => {
          if (plan !== undefined) this.log(renderSidePlan(plan));
          const hosts = [...session.fleet.hosts.keys()].join(', ');
          const what = `${session.spec.cluster} on ${hosts} goes back (${side.target}); what was written since is gone from it.`;
          await this.confirmName(session.spec.cluster, what);
        },
      }),
    );
    this.log(renderInPlace(restored));
    return restored;
  }

  /** What only one of the places takes. */
  private refuseMisplaced(): void {
    const { into, spec, host, port } = this.flags;
    const isNew = into === 'new';
    const rules: [boolean, string][] = [
      [isNew && spec === undefined, '--into new needs --spec FILE, the spec of the new cluster'],
      [isNew && (host ?? port) !== undefined, '--host and --port are for a server beside the cluster'],
      [!isNew && spec !== undefined, '--spec is for --into new'],
    ];
    const broken = rules.find(([isBroken]) => isBroken);
    if (broken === undefined) return;
    throw new PgscaleError('PGS_USAGE', { what: broken[1], next: ['pgscale restore --help'] });
  }

  private async intoNew(wanted: Omit<InPlaceOptions, 'confirm'>): Promise<RestoredNew> {
    const [{ restoreIntoNew }, { renderNewPlan, renderNew }] = await Promise.all([
      import('../../operations/restore/into-new/index.ts'),
      import('../../ui/restore-new.ts'),
    ]);
    const { config: sourcePath, spec: specPath = '' } = this.flags;
    const { lockWaitMs } = await this.lock('restore');
    const confirm = async (plan: NewPlan): Promise<void> => {
      this.log(renderNewPlan(plan));
      if (!this.flags.yes) await this.confirmNew(plan);
    };
    const restored = await restoreIntoNew({ ...wanted, sourcePath, specPath, lockWaitMs, confirm });
    this.log(renderNew(restored, specPath));
    return restored;
  }

  private async confirmNew({ plan }: NewPlan): Promise<void> {
    const [{ renderPlan }, { confirmed }] = await Promise.all([
      import('../../ui/plan.ts'),
      import('../../ui/prompts.ts'),
    ]);
    process.stderr.write(`${renderPlan(plan)}\n\n`);
    await confirmed(false, `Make the cluster ${plan.cluster} of it?`);
  }

  private async discard(): Promise<{ discarded: readonly Kept[] }> {
    const [{ withLockedCluster }, { listKept, discardKept }] = await Promise.all([
      import('../../operations/locked-cluster.ts'),
      import('../../operations/restore/in-place/discard.ts'),
    ]);
    const discarded = await withLockedCluster(await this.lock('restore --discard-old'), async (session) => {
      const kept = await listKept(session);
      if (kept.length === 0) return kept;
      const what = `This removes ${kept.map(({ host, directory }) => `${directory} on ${host}`).join(', ')}.`;
      await this.confirmName(session.spec.cluster, what);
      await discardKept(session, kept);
      return kept;
    });
    this.log(discarded.length === 0 ? 'Nothing is kept.' : `Discarded ${discarded.length}.`);
    return { discarded };
  }

  private async lock(command: string): Promise<{ specPath: string; command: string; lockWaitMs: number }> {
    const { parseDurationMs } = await import('../../spec/duration.ts');
    return { specPath: this.flags.config, command, lockWaitMs: parseDurationMs(this.flags['lock-wait']) };
  }

  private async confirmSide(plan: SidePlan): Promise<void> {
    const [{ renderSidePlan }, { confirmed }] = await Promise.all([
      import('../../ui/restore.ts'),
      import('../../ui/prompts.ts'),
    ]);
    this.log(renderSidePlan(plan));
    await confirmed(this.flags.yes, `Restore into ${plan.side.name} on ${plan.side.host}?`);
  }

  private async confirmName(cluster: string, what: string): Promise<void> {
    const { confirmedByName } = await import('../../ui/prompts.ts');
    process.stderr.write(`${what}\n`);
    await confirmedByName(this.flags, cluster);
  }
}
