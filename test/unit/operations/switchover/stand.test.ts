import { describe, expect, it } from 'vitest';

import { resumedWithinSeconds } from '../../../../src/components/pgbouncer/valve.ts';
import { PgscaleError, PgscaleErrors } from '../../../../src/errors/pgscale-error.ts';
import { whereItStands } from '../../../../src/operations/switchover/stand.ts';
import { leaseSeconds } from '../../../../src/spec/lease.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { paperSession } from '../../../support/paper-session.ts';
import { specOf } from '../../../support/target.ts';

const members = [{ name: 'pg2', role: 'leader', state: 'running', api_url: 'https://' }];
const member = {
  state: 'running',
  role: 'primary',
  dcs_last_seen: 1,
  patroni: { version: '4.1.4', scope: 'orders', name: 'pg2' },
};
const others = (): FakeHost => new FakeHost('pg1').answer(/\/cluster/u, { stdout: JSON.stringify({ members }) });
const leader = (answer: object): FakeHost =>
  new FakeHost('pg2')
    .answer(/\/cluster/u, { exitCode: 7 })
    .answer(/\/patroni/u, { stdout: JSON.stringify({ ...member, ...answer }) });
const session = paperSession(specOf(3), [others(), leader({})]);
const pooler = (host: string): PgscaleError => new PgscaleError('PGS_POOLER', { what: `no pause on ${host}`, host });

describe('where the cluster stands after a switchover that failed', () => {
  it('names the poolers of which nobody knows that they are resumed', async () => {
    const silent = await whereItStands(session, { from: 'pg1', silent: ['pg1'] }, pooler('pg1'));
    expect(silent).toMatchObject({
      code: 'PGS_POOLER',
      why: `pg2 is the primary now; no answer from the poolers on pg1, which resume by themselves within ${resumedWithinSeconds(specOf(3))} s; all others are resumed`,
    });
    const known = await whereItStands(session, { from: 'pg2', silent: [] }, pooler('pg1'));
    expect(known).toMatchObject({ why: 'pg2 is still the primary; all poolers are resumed' });
  });

  it('does not call a host the primary that holds the key and is dead, or not promoted yet', async () => {
    const lease = leaseSeconds(specOf(3));
    const dead = await whereItStands(paperSession(specOf(3), [others()]), { from: 'pg1', silent: [] }, pooler('pg1'));
    expect(dead).toMatchObject({
      why: `pg2 holds the leader key but does not answer: another one takes over within ${lease} s if it is gone (pgscale why); all poolers are resumed`,
    });
    const starting = paperSession(specOf(3), [others(), leader({ state: 'starting', role: 'replica' })]);
    expect(await whereItStands(starting, { from: 'pg1', silent: [] }, pooler('pg1'))).toMatchObject({
      why: expect.stringContaining('pg2 holds the leader key but is starting as replica') as string,
    });
  });

  it('is said for what nobody foresaw too, and for several errors at once', async () => {
    const defect = await whereItStands(session, { from: 'pg1', silent: [] }, new TypeError('x is not a function'));
    expect(defect).toMatchObject({
      code: 'PGS_UNEXPECTED',
      message: 'x is not a function',
      why: 'pg2 is the primary now; all poolers are resumed',
    });
    const both = new PgscaleErrors([pooler('pg1'), pooler('pg3')]);
    const several = await whereItStands(session, { from: 'pg1', silent: [] }, both);
    expect(several).toMatchObject({
      errors: [{ why: expect.stringContaining('pg2 is the primary now') as string }, { host: 'pg3' }],
    });
  });
});
