import { describe, expect, it } from 'vitest';

import { behindMs } from '../../../../src/agent/archive/scheduled-backup.ts';
import { turnOf } from '../../../../src/agent/archive/turn.ts';

const PREFIX = '/pgscale/orders/';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const keys = (entries: Readonly<Record<string, string>>): { key: string; value: string }[] =>
  Object.entries(entries).map(([key, value]) => ({ key: base64(`${PREFIX}${key}`), value: base64(value) }));
const streaming = JSON.stringify({ role: 'replica', replication_state: 'streaming' });

describe('whose turn it is to make a backup', () => {
  const all = keys({
    leader: 'pg1',
    'members/pg1': JSON.stringify({ role: 'primary' }),
    'members/pg3': streaming,
    'members/pg2': streaming,
    'members/pg4': JSON.stringify({ role: 'replica', replication_state: 'in archive recovery' }),
    'members/pg5': 'no JSON',
  });

  it.each([
    ['pg2', 0],
    ['pg3', 1],
    ['pg1', 2],
    ['pg4', undefined],
    ['pg5', undefined],
    ['pg9', undefined],
  ])('%s: %s', (own, turn) => expect(turnOf(all, PREFIX, own)).toBe(turn));

  it('nobody’s when there is neither a leader nor a standby that streams', () => {
    expect(turnOf(keys({ 'members/pg1': '{}' }), PREFIX, 'pg1')).toBeUndefined();
  });
});

describe('backups of the schedule', () => {
  it('a full one goes before a smaller one of the same moment, on every member', () => {
    expect(behindMs('full')).toBe(0);
    expect(behindMs('diff')).toBeGreaterThan(0);
    expect(behindMs('diff')).toBeLessThan(15_000);
  });
});
