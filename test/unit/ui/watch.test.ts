import { describe, expect, it, vi } from 'vitest';

import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import { LagScreen } from '../../../src/ui/lag.ts';
import { watchScreen } from '../../../src/ui/watch.ts';
import { standbyRow } from '../../support/report.ts';

describe('watchScreen', () => {
  it('goes on after a look that failed, and shows why it did', async () => {
    const look = vi
      .fn<() => Promise<string>>()
      .mockResolvedValueOnce('whole')
      .mockRejectedValueOnce(new PgscaleError('PGS_HOST_UNREACHABLE', { what: 'pg1 lost the connection', host: 'pg1' }))
      .mockResolvedValue('whole again');
    const shown: string[] = [];
    const three = new Promise<void>((resolve) => {
      void watchScreen(look, 1, (text) => {
        shown.push(text);
        if (shown.length === 3) resolve();
      });
    });
    await three;
    look.mockReturnValue(new Promise(() => undefined));
    expect(shown[0]).toContain('whole');
    expect(shown[1]).toContain('pg1 lost the connection');
    expect(shown[2]).toContain('whole again');
  });
});

describe('the screen of `lag --watch`', () => {
  const lag = { primary: 'pg1', standbys: [standbyRow('pg2', { replayLagBytes: 5 })], exceeded: [] };

  it('keeps its charts while there is no primary, and goes on with the next one', () => {
    const screen = new LagScreen();
    expect(screen.show(lag)).toContain('primary  pg1');
    const without = screen.show({ noPrimary: 'no member takes writes' });
    expect(without).toContain('no primary at the moment');
    expect(without).toContain('no member takes writes');
    expect(without).toContain('pg2  5');
    const next = screen.show({ ...lag, primary: 'pg3' });
    expect(next).toContain('primary  pg3');
    expect(next).not.toContain('no primary');
  });
});
