import { Args, Flags } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab cut HOST`. */
export default class LabCut extends LabCommand<typeof LabCut> {
  static override summary = 'Take a host off the network, or away from one other host; it goes on running.';
  static override examples = ['<%= config.bin %> lab cut pg1', '<%= config.bin %> lab cut pg1 --from pg2'];
  static override args = { host: Args.string({ description: 'The host.', required: true }) };
  static override flags = {
    ...LabCommand.flags,
    from: Flags.string({ summary: 'Drop only what goes between the host and this one.', helpValue: 'HOST' }),
  };

  async run(): Promise<{ host: string; from: string | null }> {
    const { cut } = await import('../../lab/faults.ts');
    const { name, from } = this.flags;
    await cut(name, this.args.host, from);
    this.progress(`${this.args.host} is cut off from ${from ?? 'the network'}`);
    return { host: this.args.host, from: from ?? null };
  }
}
