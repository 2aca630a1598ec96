import { setTimeout as sleep } from 'node:timers/promises';

import { Errors, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Lag as LagResult } from '../operations/lag.ts';
import { CLEAR_SCREEN, intervalFlag, LOGIN_MS } from '../watch-command.ts';

const HISTORY = 60;

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
    const { openCluster } = await import('../operations/cluster-session.ts');
    const { readLag } = await import('../operations/lag.ts');
    const { renderLag, renderLagCharts } = await import('../ui/lag.ts');
    const { watch, interval, config } = this.flags;
    const limits = { maxBytes: this.flags['max-bytes'], maxSeconds: this.flags['max-seconds'] };
    await using session = await openCluster({ specPath: config, tolerate: true, connectDeadlineMs: LOGIN_MS });
    const history = new Map<string, number[]>();
    for (;;) {
      const lag = await readLag(session, limits);
      if (!watch) {
        this.log(renderLag(lag));
        if (lag.exceeded.length > 0) this.exitWith('degraded');
        return lag;
      }
      for (const { name, replayLagBytes } of lag.standbys) {
        history.set(name, [...(history.get(name) ?? []), replayLagBytes ?? 0].slice(-HISTORY));
      }
      const series = [...history].map(([name, values]) => ({ name, values }));
      process.stdout.write(`${CLEAR_SCREEN}${renderLag(lag)}\n\n${renderLagCharts(series)}\n`);
      await sleep(interval * 1000);
    }
  }
}
