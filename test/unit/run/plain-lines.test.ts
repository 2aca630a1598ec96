import { describe, expect, it } from 'vitest';

import { plainLines } from '../../../src/run/task-list.ts';

describe('lines without a terminal', () => {
  it('tell how a long step gets on every 15 seconds, each step for itself, and nothing of a short one', () => {
    let seconds = 0;
    const lineOf = plainLines(() => seconds * 1000);
    const lines: string[] = [];
    const tell = (at: number, step: string): void => {
      const line = lineOf({ event: 'progress', step, text: `${at} % of 1.2 GB, 12 MB/s` });
      if (line !== undefined) lines.push(line);
    };
    lineOf({ event: 'step', step: 'seed:pg2', title: 'Standby on pg2' });
    for (let at = 1; at <= 40; at += 1) {
      seconds = at;
      if (at === 20) lineOf({ event: 'step', step: 'seed:pg3', title: 'Standby on pg3' });
      tell(at, 'seed:pg2');
      if (at >= 20) tell(at, 'seed:pg3');
    }
    expect(lines).toEqual([
      '   Standby on pg2: 15 % of 1.2 GB, 12 MB/s',
      '   Standby on pg2: 30 % of 1.2 GB, 12 MB/s',
      '   Standby on pg3: 35 % of 1.2 GB, 12 MB/s',
    ]);
  });
});
