import { Args, Flags } from '@oclif/core';

import { EventCommand } from '../../event-command.ts';
import type { Tailed } from '../../operations/cdc/tail.ts';

/** `pgscale cdc tail`. */
export default class CdcTail extends EventCommand<typeof CdcTail> {
  static override summary = 'Print changes as lines of JSON; nothing is taken from the consumer.';
  static override description =
    'Shows what waits in the slot, whole transactions at a time. While a consumer is connected nobody else can look into its slot: --follow looks on from now, by a temporary slot of its own. With --json the last line is the result.';
  static override examples = ['<%= config.bin %> cdc tail feed', '<%= config.bin %> cdc tail feed --follow --limit 10'];
  static override args = { name: Args.string({ description: 'A stream of the spec.', required: true }) };
  static override flags = {
    limit: Flags.integer({ summary: 'End after about so many changes.', default: 1000, min: 1, max: 1_000_000 }),
    follow: Flags.boolean({ char: 'f', summary: 'From now on, until Ctrl-C or --limit.', exclusive: ['consume'] }),
    consume: Flags.boolean({ summary: 'Take the changes out of the slot: its consumer will not get them.' }),
  };

  async run(): Promise<Tailed> {
    const [{ openCluster }, { tailStream }, { interruptible }] = await Promise.all([
      import('../../operations/cluster-session.ts'),
      import('../../operations/cdc/tail.ts'),
      import('../../run/signals.ts'),
    ]);
    const { limit, follow, consume } = this.flags;
    using interrupt = interruptible(() => process.stderr.write('\nstopping\n'));
    await using session = await openCluster({ specPath: this.flags.config, tolerate: true });
    return await tailStream(session, {
      name: this.args.name,
      limit,
      follow,
      consume,
      signal: interrupt.signal,
      onChange: (change) => process.stdout.write(`${JSON.stringify(change)}\n`),
    });
  }
}
