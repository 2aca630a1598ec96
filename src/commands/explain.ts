import { Args } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';

/** `pgscale explain [CODE]`. */
export default class Explain extends BaseCommand<typeof Explain> {
  static override summary = 'Say what an error code means and what to do about it; list all codes when none is given.';
  static override examples = ['<%= config.bin %> explain PGS_HOST_UNREACHABLE', '<%= config.bin %> explain'];
  static override args = { code: Args.string({ description: 'A code such as PGS_HOST_UNREACHABLE.' }) };

  async run(): Promise<unknown> {
    const { explain, listCodes } = await import('../operations/explain.ts');
    const { code } = this.args;
    if (code === undefined) {
      const codes = listCodes();
      this.log(codes.map((each) => `${each.code.padEnd(24)} ${each.title}`).join('\n'));
      return { codes };
    }
    const entry = explain(code);
    this.log(`${entry.code} (exit status ${entry.status})\n\n${entry.title}\n\nWhy: ${entry.why}\n\nDo: ${entry.fix}`);
    return entry;
  }
}
