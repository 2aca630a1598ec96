import { describe, expect, it } from 'vitest';

import { drillPage } from '../../../src/ui/drill/page.ts';
import type { ShownDrill, ShownRound } from '../../../src/ui/drill/shown.ts';
import { renderDrill } from '../../../src/ui/drill/summary.ts';

const round: ShownRound = {
  number: 1,
  at: '2026-11-28T14:00:00.000Z',
  victim: 'pg1',
  primary: 'pg2',
  times: { writeMs: 1234, readMs: 80, longestReadGapMs: 200, undoneMs: null, redundantMs: 21_500 },
  acknowledged: 900,
  lost: 0,
  writeErrors: [{ kind: '08P01 <server> & "quoted"', count: 3 }],
  readErrors: [],
  reads: { watched: 4, interrupted: 0, lostWithProxy: 0 },
  broken: [],
  picture: {
    fromMs: -2000,
    toMs: 21_500,
    bucketMs: 200,
    writes: [
      { host: 'pg1', counts: [5, 5, 4] },
      { host: 'pg2', counts: [0, 0, 1] },
    ],
    writeErrors: [0, 3],
    freshReads: [1, 1],
    readErrors: [0, 0],
    transactions: [{ client: 0, beginMs: -1500, endMs: 1500, host: 'pg3', isBroken: true }],
  },
};
const spread = { medianMs: 1234, p95Ms: 1234, worstMs: 1234 };
const drill: ShownDrill = {
  cluster: 'orders',
  at: '2026-11-28T14:00:00.000Z',
  profile: 'fast',
  title: 'the postmaster killed (SIGKILL)',
  hosts: 3,
  clients: { writers: 4, readers: 4 },
  isSynchronous: true,
  promised: { best: 0.6, expected: 1.6, worst: 5.9 },
  rounds: [round],
  summary: {
    write: spread,
    read: spread,
    redundant: { medianMs: null, p95Ms: null, worstMs: null },
    acknowledged: 900,
    lost: 0,
    readsWatched: 4,
    readsInterrupted: 0,
    readsLostWithProxy: 2,
  },
  broken: [],
  durationMs: 30_000,
};

describe('the report', () => {
  const page = drillPage(drill);

  it('needs nothing from outside and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/iu);
  });

  it('escapes what clients were told', () => {
    expect(page).toContain('08P01 &lt;server&gt; &amp; &quot;quoted&quot;');
  });

  it('has a picture for each round, with its moments', () => {
    const two = drillPage({ ...drill, rounds: [round, { ...round, number: 2 }] });
    expect(two.match(/<svg /gu)).toHaveLength(2);
    expect(page).toContain('pg2 writes · 1.23 s');
    expect(page).toContain('redundant · 21.5 s');
    expect(page).not.toMatch(/NaN|Infinity|undefined/u);
  });

  it('says what was broken', () => {
    const broken = drillPage({ ...drill, broken: ['round 1: 2 acknowledged commits are lost'] });
    expect(broken).toContain('<li>round 1: 2 acknowledged commits are lost</li>');
    expect(broken).not.toContain('Every promise was kept');
  });
});

describe('the summary', () => {
  it('has a line for each round, and the figures beside what is computed', () => {
    const text = renderDrill(drill);
    expect(text).toMatch(/1 +pg1 → pg2 +1\.23 s +0\.08 s +21\.50 s +900 +0 +0 /u);
    expect(text).toMatch(/writes again +1\.23 s +1\.23 s +1\.23 s +0\.6 \/ 1\.6 \/ 5\.9 s/u);
    expect(text).toMatch(/full redundancy +– +– +–/u);
    expect(text).toContain('2 more came through the proxy of the lost host');
  });
});
