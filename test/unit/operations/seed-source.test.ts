import { describe, expect, it } from 'vitest';

import type { MemberState } from '../../../src/cluster/member-state.ts';
import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import { refuseSource } from '../../../src/operations/apply/seed-source.ts';
import type { HostSurvey, Survey } from '../../../src/operations/survey.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { specOf, targetOf } from '../../support/target.ts';

const STANDBY = { data: 'whole', isLeader: false, isStreaming: true, state: 'running' };
const LEADER = { ...STANDBY, isLeader: true, isStreaming: false };
const EMPTY = { ...STANDBY, data: 'none', isStreaming: false, state: undefined };

/** Four database hosts and a proxy; the hosts that are left out cannot be reached. */
function surveyOf(members: Record<string, object>): Survey {
  const hosts = ['pg1', 'pg2', 'pg3', 'pg4'].map((name, index) => ({
    name,
    address: `10.20.0.${index + 1}`,
    zone: 'a',
  }));
  const spec = specOf(0, { hosts: [...hosts, { name: 'lb1', address: '10.20.0.9', zone: 'a', roles: ['proxy'] }] });
  const surveys = Object.entries(members).map(([name, member]) => {
    const each = { target: targetOf(spec, name), host: new FakeHost(name), member: member as MemberState };
    return each as unknown as HostSurvey;
  });
  const primary = surveys.find(({ member }) => member?.isLeader);
  return { session: paperSession(spec, []), hosts: surveys, primary } as unknown as Survey;
}

function refusal(survey: Survey, source: string): PgscaleError | undefined {
  try {
    refuseSource(survey, source);
    return undefined;
  } catch (error) {
    if (error instanceof PgscaleError) return error;
    throw error;
  }
}

describe('the member to copy new standbys from', () => {
  const whole = { pg1: LEADER, pg2: STANDBY, pg3: EMPTY };

  it.each([
    ['the primary', whole, 'pg1'],
    ['a standby that streams', whole, 'pg2'],
    ['the host that becomes the primary', { pg1: EMPTY, pg2: EMPTY }, 'pg1'],
    [
      'one that has data and waits for a leader, as after a run that was cut off',
      { pg1: { ...LEADER, isLeader: false }, pg2: EMPTY },
      'pg1',
    ],
    ['anybody, when nothing is copied', { pg1: LEADER, pg2: { ...STANDBY, isStreaming: false } }, 'pg2'],
  ])('may be %s', (_, members, source) => {
    expect(refusal(surveyOf(members), source)).toBeUndefined();
  });

  it.each([
    ['a stranger', whole, 'pg9', 'PGS_MEMBER_UNKNOWN', 'it has pg1, pg2, pg3, pg4'],
    ['no database host', whole, 'lb1', 'PGS_MEMBER_UNKNOWN', 'it has pg1, pg2, pg3, pg4'],
    ['the new standby itself', whole, 'pg3', 'PGS_SEED_SOURCE', 'pg3 is to be copied to itself'],
    ['out of reach', whole, 'pg4', 'PGS_SEED_SOURCE', 'pg4 cannot be reached'],
    [
      'one that does not stream',
      { ...whole, pg2: { ...STANDBY, isStreaming: false, state: 'starting' } },
      'pg2',
      'PGS_SEED_SOURCE',
      'it neither leads nor streams from the primary: starting',
    ],
    [
      'one of bare hosts that does not become the primary',
      { pg1: EMPTY, pg2: EMPTY },
      'pg2',
      'PGS_SEED_SOURCE',
      'pg2 is to be copied to itself',
    ],
  ])('is refused when it is %s', (_, members, source, code, why) => {
    expect(refusal(surveyOf(members), source)).toMatchObject({ code, why });
  });

  it('is refused with those that it may be', () => {
    expect(refusal(surveyOf(whole), 'pg3')?.next[0]).toBe('choose another source: pg1, pg2');
  });
});
