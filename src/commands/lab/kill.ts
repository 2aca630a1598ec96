import { Args } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab kill HOST`. */
export default class LabKill extends LabCommand<typeof LabKill> {
  static override summary = 'Cut the power of a host: nothing is closed, nothing is said, the disk stays as it is.';
  static override examples = ['<%= config.bin %> lab kill pg1'];
  static override args = { host: Args.string({ description: 'The host.', required: true }) };

  async run(): Promise<{ host: string; state: string }> {
    const { kill } = await import('../../lab/faults.ts');
    await kill(this.flags.name, this.args.host);
    this.progress(`${this.args.host} is without power`);
    return { host: this.args.host, state: 'down' };
  }
}
