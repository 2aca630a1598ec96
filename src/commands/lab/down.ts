import { Flags } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab down`. */
export default class LabDown extends LabCommand<typeof LabDown> {
  static override summary = 'End a lab and remove everything of it from this machine.';
  static override description = `It works from what is found on the machine, so it also removes what a crashed \`lab up\` has left. The data
of the hosts is gone with it. The base image and downloaded packages stay for the next lab.`;
  static override examples = ['<%= config.bin %> lab down', '<%= config.bin %> lab down --all --purge-cache'];
  static override flags = {
    ...LabCommand.flags,
    all: Flags.boolean({ summary: 'End every lab on this machine.', exclusive: ['name'] }),
    'purge-cache': Flags.boolean({ summary: 'Also remove the base image and the downloaded packages.' }),
  };

  async run(): Promise<{ ended: string[] }> {
    const { down, purgeCache } = await import('../../lab/down.ts');
    const { findLabs } = await import('../../lab/inventory.ts');
    const { requireRoot } = await import('../../lab/requirements.ts');
    requireRoot();
    const ended = this.flags.all ? await findLabs() : [this.flags.name];
    for (const lab of ended) await down(lab, this.progress);
    if (this.flags['purge-cache']) await purgeCache();
    return { ended };
  }
}
