import { Args, Flags } from '@oclif/core';

import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab exec HOST -- PROGRAM ARGUMENT…`. */
export default class LabExec extends LabCommand<typeof LabExec> {
  static override summary = 'Run a program on a host of the lab, each argument as it is; its exit status is passed on.';
  static override examples = ['<%= config.bin %> lab exec pg1 -- systemctl is-system-running'];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = { host: Args.string({ description: 'The host.', required: true }) };
  static override flags = {
    ...LabCommand.flags,
    user: Flags.string({ summary: 'The login user: ops (may use sudo) or root.', default: 'ops' }),
  };

  async run(): Promise<void> {
    const { login } = await import('../../lab/ssh.ts');
    const { quote } = await import('../../host/command.ts');
    const dashes = this.argv.indexOf('--');
    const words = dashes === -1 ? [] : this.argv.slice(dashes + 1);
    if (words.length === 0) this.error('say what to run: pgscale lab exec HOST -- PROGRAM ARGUMENT…', { exit: 2 });
    const command = words.map(quote).join(' ');
    const { name, user } = this.flags;
    process.exitCode = await login({ lab: name, host: this.args.host, user, command });
  }
}
