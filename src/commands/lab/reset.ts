import { Args, Flags } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab reset HOST…`. */
export default class LabReset extends LabCommand<typeof LabReset> {
  static override summary =
    'Make hosts bare again: throw their disks away and boot them afresh, with address and keys kept.';
  static override examples = ['<%= config.bin %> lab reset pg1 pg2', '<%= config.bin %> lab reset --all'];
  static override args = { host: Args.string({ description: 'The hosts.', multiple: true }) };
  static override flags = {
    ...LabCommand.flags,
    all: Flags.boolean({ summary: 'Every host of the lab.' }),
  };

  async run(): Promise<{ hosts: string[] }> {
    const { reset } = await import('../../lab/faults.ts');
    const { needDocument } = await import('../../lab/document.ts');
    const { name, all } = this.flags;
    const hosts = all ? (await needDocument(name)).hosts.map((host) => host.name) : (this.args.host ?? []);
    if (hosts.length === 0) this.error('name the hosts, or say --all', { exit: 2 });
    await Promise.all(hosts.map(async (host) => reset(name, host)));
    this.progress(`bare again: ${hosts.join(', ')}`);
    return { hosts };
  }
}
