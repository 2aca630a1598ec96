import { describe, expect, it } from 'vitest';

import {
  reinitProblems,
  removalProblems,
  replacementProblems,
  standsIn,
  type MembershipFacts,
} from '../../../../src/operations/membership/refuse.ts';
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
    isPaused: false,
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

  it('is that Patroni is paused, and would keep its slot', () => {
    const facts = factsOf(four, { isPaused: true });
    const problem: unknown = expect.stringMatching(/Patroni is paused.*pgscale resume/u);
    expect(removalProblems(facts, ['pg4'], without(four, 'pg4'))).toEqual([problem]);
    expect(replacementProblems(facts, 'pg4', without(four, 'pg4'))).toEqual([problem]);
    expect(reinitProblems(facts, 'pg4', true)).toEqual([problem]);
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

describe('what speaks against replacing a host', () => {
  const two = specOf(2);

  it('is neither that it leads nor that it alone confirms, as long as it works: the new one stands in first', () => {
    expect(replacementProblems(factsOf(two), 'pg2', two)).toEqual([]);
    expect(replacementProblems(factsOf(specOf(3)), 'pg1', specOf(3))).toEqual([]);
  });

  it('is what speaks against a removal, where it does not answer', () => {
    const facts = factsOf(specOf(3), { unreachable: ['pg1'] });
    expect(replacementProblems(facts, 'pg1', specOf(3)).join()).toMatch(/pg1 is the primary.*works in the cluster/su);
  });

  it('is that etcd would have no majority left', () => {
    const spec = specOf(3);
    const etcd = { members: ['pg1', 'pg2', 'pg3'].map(member), healthy: ['pg1', 'pg2'] };
    expect(replacementProblems(factsOf(spec, { etcd }), 'pg2', spec).join()).toContain('etcd would lose its quorum');
  });
});

describe('whether the new host stands in', () => {
  const spec = specOf(3);
  const host = (name: string) => spec.hosts.find((each) => each.name === name)!;
  const row = (syncState: string) => ({ streaming: [{ name: 'pg9', syncState }] });

  it('is told by its streaming and its vote, and not while the old one leads', () => {
    expect(standsIn(factsOf(spec), host('pg3'), 'pg9')).toBe(false);
    expect(standsIn(factsOf(spec, row('async')), host('pg3'), 'pg9')).toBe(false);
    expect(standsIn(factsOf(spec, row('quorum')), host('pg3'), 'pg9')).toBe(true);
    expect(standsIn(factsOf(spec, row('quorum')), host('pg1'), 'pg9')).toBe(false);
    const asynchronous = { ...spec, replication: { ...spec.replication, synchronous: 0 } };
    expect(standsIn(factsOf(asynchronous, row('async')), host('pg3'), 'pg9')).toBe(true);
  });

  it('is told without a member by the vote that the old one has lost', () => {
    const voter = { ...host('pg3'), roles: ['dcs' as const] };
    expect(standsIn(factsOf(spec), voter, 'pg9')).toBe(false);
    const etcd = { members: ['pg1', 'pg2', 'pg9'].map(member), healthy: ['pg1', 'pg2'] };
    expect(standsIn(factsOf(spec, { etcd }), voter, 'pg9')).toBe(true);
    expect(standsIn(factsOf(spec), { ...host('pg3'), roles: ['proxy'] }, 'pg9')).toBe(false);
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
