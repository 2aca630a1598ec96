import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { PoolerView } from '../../operations/pooler.ts';

/** `pgscale pooler pause`. */
export default class PoolerPause extends BaseCommand<typeof PoolerPause> {
  static override summary = 'Have the clients of the pool endpoint wait; they go on by themselves after a while.';
  static override description =
    "Waits until running transactions have ended; new ones wait. Clients that wait longer than PgBouncer's query_wait_timeout get an error, so the hosts resume shortly before that unless told otherwise.";
  static override examples = ['<%= config.bin %> pooler pause', '<%= config.bin %> pooler pause pg1 --for 10s --yes'];
  static override args = { host: Args.string({ description: 'Only these hosts.', multiple: true }) };
  static override flags = {
    for: Flags.string({ summary: 'Resume after this time, whatever happens.', helpValue: '20s' }),
    'pause-timeout': Flags.string({
      summary: 'How long to wait for running transactions; then everything is resumed.',
      default: '5s',
      helpValue: '5s',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<{ poolers: PoolerView[] }> {
    const [{ withLockedCluster }, { pausePoolers }, { parseDurationMs }, { renderPoolers }, { confirmed }] =
      await Promise.all([
        import('../../operations/locked-cluster.ts'),
        import('../../operations/pooler.ts'),
        import('../../spec/duration.ts'),
        import('../../ui/poolers.ts'),
        import('../../ui/prompts.ts'),
      ]);
    const { config, yes } = this.flags;
    await confirmed(yes, `Have clients of ${this.args.host?.join(', ') ?? 'all poolers'} wait?`);
    const lock = {
      specPath: config,
      command: 'pooler pause',
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      tolerate: true,
    };
    const poolers = await withLockedCluster(lock, (session) =>
      pausePoolers(session, {
        hosts: this.args.host ?? [],
        pauseTimeoutMs: parseDurationMs(this.flags['pause-timeout']),
        forMs: this.flags.for === undefined ? undefined : parseDurationMs(this.flags.for),
      }),
    );
    this.log(`${renderPoolers(poolers)}\n\nNext: pgscale pooler resume`);
    return { poolers };
  }
}
