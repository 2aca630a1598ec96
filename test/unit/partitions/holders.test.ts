import { describe, expect, it } from 'vitest';

import { holdersText, tellHolders } from '../../../src/partitions/holders.ts';

const holder = { pid: 7, role: 'app', application: 'report', forMs: 61_000 };

describe('who holds a lock', () => {
  it('is not told when nobody does any more', () => {
    expect(holdersText([])).toBe('');
  });

  it('is told by process, role, application and how long', () => {
    expect(holdersText([holder])).toBe('; locks are held by (pid 7, role app, report, 1m 1s)');
  });

  it('has no role where the server itself is at work', () => {
    const text = holdersText([{ ...holder, role: null, application: 'autovacuum worker' }]);
    expect(text).toBe('; locks are held by (pid 7, autovacuum worker, 1m 1s)');
  });

  it('is three at most, and how many more', () => {
    expect(holdersText([1, 2, 3, 4, 5].map((pid) => ({ ...holder, pid })))).toMatch(/pid 3,.*, and 2 more$/u);
  });

  it('is asked of the tables, whatever they are called', async () => {
    const asked: string[] = [];
    await tellHolders((query) => (asked.push(query), Promise.resolve('[]')), ['public.a', `public."it's"`]);
    expect(asked.join()).toContain(`to_regclass('public.a'), to_regclass('public."it''s"')`);
  });
});
