import { Args } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab start HOST`. */
export default class LabStart extends LabCommand<typeof LabStart> {
  static override summary = 'Boot a host again, with its disk as it was, at the same address and with the same keys.';
  static override examples = ['<%= config.bin %> lab start pg1'];
  static override args = { host: Args.string({ description: 'The host.', required: true }) };

  async run(): Promise<{ host: string; state: string }> {
    const { start } = await import('../../lab/faults.ts');
    await start(this.flags.name, this.args.host);
    this.progress(`${this.args.host} is up`);
    return { host: this.args.host, state: 'running' };
  }
}
