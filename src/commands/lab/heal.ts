import { Args } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab heal HOST`. */
export default class LabHeal extends LabCommand<typeof LabHeal> {
  static override summary = 'Undo every cut of a host: plug its network cable in again.';
  static override examples = ['<%= config.bin %> lab heal pg1'];
  static override args = { host: Args.string({ description: 'The host.', required: true }) };

  async run(): Promise<{ host: string; state: string }> {
    const { heal } = await import('../../lab/faults.ts');
    await heal(this.flags.name, this.args.host);
    this.progress(`${this.args.host} is on the network again`);
    return { host: this.args.host, state: 'running' };
  }
}
