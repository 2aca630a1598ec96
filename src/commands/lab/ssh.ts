import { Args, Flags } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab ssh HOST [-- COMMAND]`. */
export default class LabSsh extends LabCommand<typeof LabSsh> {
  static override summary = 'Log in to a host of the lab, or run a line of shell there.';
  static override examples = [
    '<%= config.bin %> lab ssh pg1',
    "<%= config.bin %> lab ssh pg1 -- 'journalctl -u ssh | tail'",
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = { host: Args.string({ description: 'The host.', required: true }) };
  static override flags = {
    ...LabCommand.flags,
    user: Flags.string({ summary: 'The login user: ops (may use sudo) or root.', default: 'ops' }),
  };

  async run(): Promise<void> {
    const { login } = await import('../../lab/ssh.ts');
    const dashes = this.argv.indexOf('--');
    const words = dashes === -1 ? [] : this.argv.slice(dashes + 1);
    const { name, user } = this.flags;
    process.exitCode = await login({ lab: name, host: this.args.host, user, command: words.join(' ') });
  }
}
