import { Errors, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Lag as LagResult } from '../operations/lag.ts';
import { intervalFlag } from '../watch-command.ts';

const secondsFlag = Flags.custom<number>({
  helpValue: 'SECONDS',
  parse: async (text) => {
    if (/^\d+(?:\.\d+)?$/u.test(text)) return Number(text);
    throw new Errors.CLIError(`Expected seconds, like 1.5, but received: ${text}`, { exit: 2 });
  },
});

/** `pgscale lag`: how far each standby is behind. */
export default class Lag extends BaseCommand<typeof Lag> {
  static override summary = 'Show how far each standby is behind the primary; exit 3 over a threshold.';
  static override description =
    "Bytes of WAL that are not yet sent, written, flushed and replayed, and the seconds until a replayed commit is seen, from the primary's pg_stat_replication.";
  static override examples = [
    '<%= config.bin %> lag',
    '<%= config.bin %> lag --watch',
    '<%= config.bin %> lag --max-seconds 1 --max-bytes 1048576',
  ];
  static override flags = {
    watch: Flags.boolean({ char: 'w', summary: 'Draw a chart for each standby, until Ctrl-C.', exclusive: ['json'] }),
    interval: intervalFlag(1),
    'max-bytes': Flags.integer({ summary: 'Exit 3 when a standby has more to replay.', min: 0, helpValue: 'BYTES' }),
    'max-seconds': secondsFlag({ summary: 'Exit 3 when a standby is further behind; fractions are allowed.' }),
  };

  async run(): Promise<LagResult> {
    const [{ WatchedCluster, LOGIN_MS }, { noPrimary, readLag }, { LagScreen, renderLag }] = await Promise.all([
      import('../operations/watched-cluster.ts'),
      import('../operations/lag.ts'),
      import('../ui/lag.ts'),
    ]);
    const { watch, interval, config } = this.flags;
    const limits = { maxBytes: this.flags['max-bytes'], maxSeconds: this.flags['max-seconds'] };
    await using cluster = await WatchedCluster.open(config);
    if (watch) {
      const { watchScreen } = await import('../ui/watch.ts');
      const screen = new LagScreen();
      const look = async (): Promise<string> =>
        screen.show(await readLag(await cluster.session(), limits, LOGIN_MS).catch(noPrimary));
      return await watchScreen(look, interval * 1000);
    }
    const lag = await readLag(await cluster.session(), limits);
    this.log(renderLag(lag));
    if (lag.exceeded.length > 0) this.exitWith('degraded');
    return lag;
  }
}
