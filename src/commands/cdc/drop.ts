import { Args } from '@oclif/core';

import { CdcCommand } from '../../cdc-command.ts';
import type { Dropped } from '../../operations/cdc/drop.ts';

/** `pgscale cdc drop`. */
export default class CdcDrop extends CdcCommand<typeof CdcDrop> {
  static override summary = 'Drop a slot, and with a stream of the spec its publication, its role and its entry.';
  static override description =
    'Refuses while a consumer is connected. Also for a slot that the spec does not know and that keeps WAL. When it was the last stream, the next `apply` takes wal_level back.';
  static override examples = ['<%= config.bin %> cdc drop feed --yes'];
  static override args = { name: Args.string({ description: 'The stream or the slot.', required: true }) };
  static override flags = { ...CdcCommand.flags };

  async run(): Promise<Dropped> {
    const [{ dropStream }, { eventRun }] = await Promise.all([
      import('../../operations/cdc/drop.ts'),
      import('../../run/task-list.ts'),
    ]);
    const { name } = this.args;
    const run = { ...eventRun(this.jsonEnabled(), new AbortController().signal), style: 'silent' as const };
    const question = `Drop ${name}? Its consumer cannot go on, and has to take a snapshot of all tables to begin anew.`;
    const result = await this.change(question, 'cdc drop', (session) =>
      dropStream(session, { specPath: this.flags.config, name, run }),
    );
    this.log(`${name}: dropped ${result.dropped.join(', ')}.${result.isLastStream ? ' Next: pgscale apply' : ''}`);
    return result;
  }
}
