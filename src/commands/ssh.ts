import { Args } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';

/** `pgscale ssh HOST [-- LINE OF SHELL]`. */
export default class Ssh extends BaseCommand<typeof Ssh> {
  static override enableJsonFlag = false;
  static override summary = 'Log in to a host with the ssh of this machine and the settings of the spec.';
  static override description = 'What stands after -- is run there as a line of shell; its exit status is passed on.';
  static override examples = ['<%= config.bin %> ssh pg1', "<%= config.bin %> ssh pg1 -- 'sudo journalctl -f'"];
  static override strict = false;
  static override args = { host: Args.string({ description: 'The host.', required: true }) };

  async run(): Promise<void> {
    const [{ loadSpec }, { runSsh }] = await Promise.all([import('../spec/load.ts'), import('../operations/ssh.ts')]);
    const dashes = this.argv.indexOf('--');
    const line = dashes < 0 ? undefined : this.argv.slice(dashes + 1).join(' ');
    process.exitCode = await runSsh(await loadSpec(this.flags.config), this.args.host, line);
  }
}
