import { writeFile } from 'node:fs/promises';

import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { DrillPlan, FailoverDrillOptions } from '../../operations/drill/failover/index.ts';
import type { Machines } from '../../operations/drill/failover/machines.ts';
import type { DrillReport } from '../../operations/drill/failover/report.ts';

const KINDS = ['crash', 'freeze', 'power', 'partition'] as const;
const PROCESSES = ['postmaster', 'patroni'] as const;

/** `pgscale drill failover`: what a failure of the primary costs, measured on this cluster. */
export default class DrillFailover extends BaseCommand<typeof DrillFailover> {
  static override summary = 'Break the primary on purpose, and measure what clients of the endpoints see.';
  static override description = `Writers on the pool endpoint and readers on the replica endpoint go on while the primary is hit. Each round tells the
time to the first write and read, the errors, acknowledged commits that are lost, reads on healthy standbys that broke, and
the time until everything is redundant again. Refuses unless the cluster is whole, and asks for its name. Status 3: a
promise was broken.`;
  static override examples = [
    '<%= config.bin %> drill failover',
    '<%= config.bin %> drill failover --kind partition --rounds 20 --report drill.html --yes --cluster orders',
    '<%= config.bin %> drill failover --kind crash --process patroni',
    '<%= config.bin %> drill failover --kind power --power-command ./ipmi-power',
  ];
  static override flags = {
    kind: Flags.option({ options: KINDS })({
      summary:
        'What happens to the primary: crash (SIGKILL), freeze (SIGSTOP), power, partition (cut off the network).',
      default: 'crash',
    }),
    process: Flags.option({ options: PROCESSES })({
      summary: 'What a crash or a freeze hits; default: the postmaster crashes, Patroni freezes.',
    }),
    rounds: Flags.integer({ summary: 'How often.', default: 1, min: 1, max: 1000 }),
    report: Flags.string({ summary: 'Write a report with a picture of every round.', helpValue: 'FILE.html' }),
    writers: Flags.integer({ summary: 'Clients that write.', default: 4, min: 1, max: 200 }),
    readers: Flags.integer({ summary: 'Clients with a read transaction open.', default: 4, min: 1, max: 200 }),
    database: Flags.string({ summary: 'The database of the clients; default: the first of the spec.' }),
    'redundancy-timeout': Flags.string({
      summary: 'How long the old primary may take to be a standby again.',
      default: '5m',
      helpValue: '5m',
    }),
    'power-command': Flags.string({
      summary: 'Switches a machine: run as `PROGRAM off|on HOST ADDRESS`. A lab needs none.',
      helpValue: 'PROGRAM',
      env: 'PGSCALE_POWER_COMMAND',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; needs --cluster.', dependsOn: ['cluster'] }),
    cluster: Flags.string({ summary: 'The name of the cluster.', helpValue: 'NAME' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<DrillReport> {
    const [{ failoverDrill }, { interruptible }, { parseDurationMs }, { progressStyle }, { renderDrill }] =
      await Promise.all([
        import('../../operations/drill/failover/index.ts'),
        import('../../run/signals.ts'),
        import('../../spec/duration.ts'),
        import('../../run/task-list.ts'),
        import('../../ui/drill/summary.ts'),
      ]);
    using interrupt = interruptible(() => process.stderr.write('\ntaking the fault back; Ctrl-C again ends at once\n'));
    const { kind, process: hit = kind === 'freeze' ? 'patroni' : 'postmaster', report: file } = this.flags;
    const { rounds, writers, readers, database } = this.flags;
    const report = await failoverDrill({
      specPath: this.flags.config,
      fault: { kind, process: hit },
      rounds,
      clients: { writers, readers, database },
      redundancyMs: parseDurationMs(this.flags['redundancy-timeout']),
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      machines: this.machines,
      powerCommand: this.flags['power-command'],
      confirm: (plan) => this.confirm(plan),
      run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
    });
    if (file !== undefined) await this.writeReport(file, report);
    this.log(renderDrill(report));
    if (report.broken.length > 0) this.exitWith('degraded');
    return report;
  }

  /** Whoever knows the machines behind these hosts says so through the hook `machines`: a lab does. */
  private readonly machines: FailoverDrillOptions['machines'] = async (hosts, { ssh }) => {
    const { successes, failures } = await this.config.runHook('machines', { hosts, knownHosts: ssh.knownHosts });
    if (failures[0] !== undefined) throw failures[0].error;
    return successes.map(({ result }) => result as Machines | undefined).find((each) => each !== undefined);
  };

  private async confirm({ cluster, title, rounds, primary, isThrowAway }: DrillPlan): Promise<void> {
    if (isThrowAway) return;
    process.stderr.write(`${rounds} × ${title}, beginning with ${primary}: clients of ${cluster} will notice.\n`);
    const { confirmedByName } = await import('../../ui/prompts.ts');
    await confirmedByName(this.flags, cluster);
  }

  private async writeReport(file: string, report: DrillReport): Promise<void> {
    const { drillPage } = await import('../../ui/drill/page.ts');
    await writeFile(file, drillPage(report));
    process.stderr.write(`report: ${file}\n`);
  }
}
