import { describe, expect, it } from 'vitest';

import { decide, type Look } from '../../../src/agent/slots/decide.ts';

const STANDBYS = [
  { member: 'pg2', slot: 'pg2' },
  { member: 'pg-3', slot: 'pg_3' },
];
const physical = (name: string, isActive = true): Look['slots'][number] => ({
  name,
  isLogical: false,
  isActive,
  isFailover: false,
  isSynced: false,
  isTemporary: false,
});
const logical = (name: string, more: Partial<Look['slots'][number]> = {}): Look['slots'][number] => ({
  ...physical(name, false),
  isLogical: true,
  isFailover: true,
  ...more,
});
const primary = (more: Partial<Look>): Look => ({
  isStandby: false,
  isReceiving: false,
  isSynchronous: false,
  copier: null,
  listed: [],
  streaming: ['pg2', 'pg-3'],
  slots: [physical('pg2'), physical('pg_3'), logical('feed')],
  ...more,
});

describe('decide, on a primary', () => {
  it('lists the standbys that stream', () => {
    expect(decide(primary({}), STANDBYS)).toEqual([{ kind: 'list', slots: ['pg2', 'pg_3'] }]);
  });

  it('leaves a list alone that is right, in whatever order', () => {
    expect(decide(primary({ listed: ['pg_3', 'pg2'] }), STANDBYS)).toEqual([]);
  });

  it('takes out who is gone, so that consumers go on', () => {
    const slots = [physical('pg2'), physical('pg_3', false)];
    const seen = primary({ listed: ['pg2', 'pg_3'], streaming: ['pg2'], slots });
    expect(decide(seen, STANDBYS)).toEqual([{ kind: 'list', slots: ['pg2'] }]);
  });

  it('does not wait for who catches up, for a slot without a standby, or for strangers', () => {
    const slots = [physical('pg2'), physical('pg_3'), physical('stranger')];
    expect(decide(primary({ streaming: ['pg2', 'stranger'], slots }), STANDBYS)).toEqual([
      { kind: 'list', slots: ['pg2'] },
    ]);
  });

  it('holds consumers up while no standby streams and commits wait for one', () => {
    const alone = { isSynchronous: true, streaming: [] };
    expect(decide(primary({ ...alone, listed: ['pg2'] }), STANDBYS)).toEqual([]);
    expect(decide(primary(alone), STANDBYS)).toEqual([{ kind: 'list', slots: ['pg2', 'pg_3'] }]);
    expect(decide(primary(alone), [])).toEqual([]);
  });

  it('waits for nobody when no standby streams and no commit waits', () => {
    expect(decide(primary({ listed: ['pg2'], streaming: [] }), STANDBYS)).toEqual([{ kind: 'list', slots: [] }]);
  });
});

describe('decide, on a standby', () => {
  const standby = (slots: Look['slots'], isReceiving = true): Look =>
    primary({ isStandby: true, isReceiving, streaming: [], listed: ['pg2'], slots });

  it('drops what is left from when it was the primary, and has it copied', () => {
    expect(decide(standby([logical('feed')]), STANDBYS)).toEqual([{ kind: 'drop', slot: 'feed' }, { kind: 'copy' }]);
  });

  it.each([
    ['a copy', logical('feed', { isSynced: true })],
    ['a copy that is being made', logical('feed', { isTemporary: true, isSynced: true })],
    ['a slot of somebody who reads from the standby', logical('reader', { isFailover: false })],
    ['one that is in use', logical('feed', { isActive: true })],
    ['a physical one', physical('pg2', false)],
  ])('leaves %s alone', (_what, slot) => {
    expect(decide(standby([slot]), STANDBYS)).toEqual([]);
  });

  it('keeps what it has while it receives nothing: it may be the primary again', () => {
    expect(decide(standby([logical('feed')], false), STANDBYS)).toEqual([]);
  });
});
