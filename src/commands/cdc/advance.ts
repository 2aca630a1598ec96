import { Args, Flags } from '@oclif/core';

import { CdcCommand } from '../../cdc-command.ts';
import type { Advanced } from '../../operations/cdc/advance.ts';

/** `pgscale cdc advance`. */
export default class CdcAdvance extends CdcCommand<typeof CdcAdvance> {
  static override summary = 'Move a slot on: its consumer never gets what is before.';
  static override examples = [
    '<%= config.bin %> cdc advance feed --yes',
    '<%= config.bin %> cdc advance feed --to 0/1A2B3C4D --yes',
  ];
  static override args = { name: Args.string({ description: 'The stream or the slot.', required: true }) };
  static override flags = {
    to: Flags.string({ summary: 'A position in the WAL; default: the current one.', helpValue: 'LSN' }),
    ...CdcCommand.flags,
  };

  async run(): Promise<Advanced> {
    const { advanceStream } = await import('../../operations/cdc/advance.ts');
    const { name } = this.args;
    const { to } = this.flags;
    const question = `Advance ${name} to ${to ?? 'the current position'}? Its consumer never gets what is before.`;
    const result = await this.change(question, 'cdc advance', (session) => advanceStream(session, name, to));
    this.log(`${name}: from ${result.from ?? 'nowhere'} to ${result.to}.`);
    return result;
  }
}
