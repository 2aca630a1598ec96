import { describe, expect, it } from 'vitest';

import { allVote, votesDeadlineMs, withoutVote } from '../../../../src/operations/switchover/votes.ts';
import type { Replication } from '../../../../src/sql/replication.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { paperSession } from '../../../support/paper-session.ts';
import { specOf } from '../../../support/target.ts';

const stream = (name: string, syncState: string, state = 'streaming'): Replication => ({
  ...{ name, state, syncState, address: '10.0.0.1' },
  ...{ sentLagBytes: 0, writeLagBytes: 0, flushLagBytes: 0, replayLagBytes: 0 },
  ...{ writeLagSeconds: null, flushLagSeconds: null, replayLagSeconds: null },
});
const answer = (...rows: Replication[]): { stdout: string } => ({ stdout: JSON.stringify(rows) });

describe('the votes before a switchover', () => {
  it('are missed of members that stream, not of copies and other clients', () => {
    const rows = [
      stream('pg2', 'async'),
      stream('pg3', 'quorum'),
      stream('pg_basebackup', 'async'),
      stream('pg4', 'async', 'catchup'),
    ];
    expect(withoutVote(rows, ['pg1', 'pg2', 'pg3', 'pg4'])).toEqual(['pg2']);
  });

  it('are waited for until every standby has one', async () => {
    const answers = [
      answer(stream('pg2', 'quorum'), stream('pg3', 'async')),
      answer(stream('pg2', 'quorum'), stream('pg3', 'quorum')),
    ];
    const host = new FakeHost('pg1');
    host.answer(/pg_stat_replication/u, () => answers.shift() ?? { exitCode: 2 });
    const told: string[] = [];
    await allVote(paperSession(specOf(3), [host]), 'pg1', (text) => told.push(text), new AbortController().signal);
    expect(told).toEqual(['no vote yet: pg3']);
    expect(answers).toEqual([]);
  });

  it('may take two looks of Patroni', () => {
    expect(votesDeadlineMs({ spec: specOf(3) })).toBe(20_000);
  });
});
