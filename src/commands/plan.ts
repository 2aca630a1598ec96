import { writeFile } from 'node:fs/promises';

import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Plan as PlanResult } from '../operations/plan.ts';

export default class Plan extends BaseCommand<typeof Plan> {
  static override summary = 'Show what `apply` would change, host by host, without changing anything.';
  static override description = 'Exit status 10 when there are changes, 0 when the cluster is what the spec says.';
  static override examples = [
    '<%= config.bin %> plan',
    '<%= config.bin %> plan --out monday.plan',
    '<%= config.bin %> plan --json',
  ];
  static override flags = {
    out: Flags.string({
      summary: 'Write the plan to a file that `apply FILE` runs exactly as it is.',
      helpValue: 'FILE',
    }),
    'accept-new': Flags.boolean({ summary: 'Record host keys that known_hosts does not have yet.' }),
  };

  async run(): Promise<PlanResult> {
    const { openCluster } = await import('../operations/cluster-session.ts');
    const { surveyCluster } = await import('../operations/survey.ts');
    const { planFrom } = await import('../operations/plan.ts');
    const { renderPlan } = await import('../ui/plan.ts');
    await using session = await openCluster({ specPath: this.flags.config, acceptNew: this.flags['accept-new'] });
    const plan = planFrom(await surveyCluster(session));
    if (this.flags.out !== undefined) await writeFile(this.flags.out, `${JSON.stringify(plan, undefined, 2)}\n`);
    this.log(renderPlan(plan));
    if (plan.changeCount > 0) this.exitWith('changesPending');
    return plan;
  }
}
