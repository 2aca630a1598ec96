import { describe, expect, it } from 'vitest';

import { reinitProblems, removalProblems, type MembershipFacts } from '../../../../src/operations/membership/refuse.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { specOf } from '../../../support/target.ts';

const member = (name: string) => ({
  id: `id-${name}`,
  name,
  peerUrl: `https://10.20.0.1${name.slice(2)}:2380`,
  isLearner: false,
});

/** Healthy: pg1 leads, every other streams. */
function factsOf(spec: Spec, more: Partial<MembershipFacts> = {}): MembershipFacts {
  const names = spec.hosts.map(({ name }) => name);
  const dcs = spec.hosts.filter(({ roles }) => roles.includes('dcs')).map(({ name }) => name);
  return {
    spec,
    primary: 'pg1',
    streaming: names.slice(1).map((name) => ({ name, syncState: 'quorum' })),
    etcd: { members: dcs.map(member), healthy: dcs },
    unreachable: [],
    known: names,
    ...more,
  };
}

const without = (spec: Spec, ...names: string[]): Spec => ({
  ...spec,
  hosts: spec.hosts.filter(({ name }) => !names.includes(name)),
});

describe('what speaks against removing a member', () => {
  const four = specOf(4);

  it('is nothing for a standby without a vote', () => {
    expect(removalProblems(factsOf(four), ['pg4'], without(four, 'pg4'))).toEqual([]);
  });

  it('is that it leads; the way out is a switchover', () => {
    const [problem] = removalProblems(factsOf(four, { primary: 'pg4' }), ['pg4'], without(four, 'pg4'));
    expect(problem).toMatch(/pg4 is the primary.*switchover/u);
  });

  it('is that fewer standbys are left than have to confirm', () => {
    const two = specOf(2);
    expect(removalProblems(factsOf(two), ['pg2'], without(two, 'pg2')).join()).toContain('0 standbys would be left');
  });

  it('is that nobody else confirms commits now', () => {
    const facts = factsOf(four, {
      streaming: [
        { name: 'pg4', syncState: 'quorum' },
        { name: 'pg3', syncState: 'async' },
      ],
    });
    expect(removalProblems(facts, ['pg4'], without(four, 'pg4')).join()).toContain('the only synchronous standby');
    expect(removalProblems(facts, ['pg3'], without(four, 'pg3'))).toEqual([]);
  });

  it('is that etcd would have no majority left', () => {
    const etcd = { members: ['pg1', 'pg2', 'pg3'].map(member), healthy: ['pg1', 'pg2'] };
    const after = without(four, 'pg2');
    expect(removalProblems(factsOf(four, { etcd }), ['pg2'], after).join()).toContain('etcd would lose its quorum');
    expect(removalProblems(factsOf(four, { etcd, known: [] }), ['pg3'], without(four, 'pg3'))).toEqual([]);
  });

  it('is that it answers no SSH but works: two clusters would be the end of it', () => {
    const facts = factsOf(four, { unreachable: ['pg4'] });
    expect(removalProblems(facts, ['pg4'], without(four, 'pg4')).join()).toContain('works in the cluster');
    const lost = { ...facts, known: ['pg1', 'pg2', 'pg3'], streaming: facts.streaming.slice(0, 2) };
    expect(removalProblems(lost, ['pg4'], without(four, 'pg4'))).toEqual([]);
  });

  it('allows two votes of five to go at once', () => {
    const dcs = ['database', 'dcs', 'proxy'];
    const hosts = [1, 2, 3, 4, 5].map((each) => ({ name: `pg${each}`, address: `10.20.0.1${each}`, roles: dcs }));
    const five = specOf(0, { hosts });
    expect(removalProblems(factsOf(five), ['pg4', 'pg5'], without(five, 'pg4', 'pg5'))).toEqual([]);
  });
});

describe('what speaks against seeding a standby anew', () => {
  it('is that it leads, or that it alone confirms unless that is allowed', () => {
    const two = factsOf(specOf(2));
    expect(reinitProblems(two, 'pg1', true).join()).toContain('is the primary');
    expect(reinitProblems(two, 'pg2', false).join()).toContain('the only synchronous standby');
    expect(reinitProblems(two, 'pg2', true)).toEqual([]);
    expect(reinitProblems(factsOf(specOf(3)), 'pg2', false)).toEqual([]);
  });
});
