import { describe, expect, it } from 'vitest';

import type { ClusterSession } from '../../../../src/operations/cluster-session.ts';
import { removalStages, type RemoveInOptions } from '../../../../src/operations/membership/remove.ts';
import type { Stage } from '../../../../src/run/step.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { SECRETS, specOf } from '../../../support/target.ts';

const spec = specOf(4);
const after: Spec = { ...spec, hosts: spec.hosts.filter(({ name }) => name !== 'pg3') };

/** A session in which all hosts but these answer. */
function sessionWithout(...lost: string[]): ClusterSession {
  const names = spec.hosts.map(({ name }) => name).filter((name) => !lost.includes(name));
  const fleet = { hosts: new Map(names.map((name) => [name, new FakeHost(name)])), failures: [] };
  return { spec, secrets: SECRETS, fleet } as unknown as ClusterSession;
}

/** What happens before and after the stages of `apply`, when this host goes. */
function order(session: ClusterSession, name: string): { before: string[]; after: string[] } {
  const options: RemoveInOptions = {
    specPath: 'pgscale.yaml',
    command: 'replica remove',
    leaving: spec.hosts.filter((host) => host.name === name),
    before: 'old',
    after: { text: 'new', spec: after },
    run: { style: 'silent', signal: new AbortController().signal },
    drainMs: 0,
    keepData: false,
    confirm: async () => undefined,
  };
  const stages = removalStages(session, { ...session, spec: after }, options);
  const ids = (list: readonly Stage[]): string[] => list.flatMap(({ steps }) => steps.map(({ id }) => id));
  return { before: ids(stages.before), after: ids(stages.after) };
}

describe('the steps of a removal', () => {
  it('keep the vote of a host that works until whoever takes its place has one', () => {
    expect(order(sessionWithout(), 'pg3')).toEqual({
      before: ['withdraw:pg3', 'drain:pg3'],
      after: ['etcd-leave:pg3', 'wipe:pg3', 'forget:pg3', 'spec'],
    });
  });

  it('take the vote of a lost host first, because etcd takes in nobody before, and touch nothing on it', () => {
    expect(order(sessionWithout('pg3'), 'pg3')).toEqual({
      before: ['etcd-leave:pg3'],
      after: ['forget:pg3', 'spec'],
    });
  });

  it('leave etcd alone when the host has no vote; the spec is always last', () => {
    expect(order(sessionWithout(), 'pg4').after).toEqual(['wipe:pg4', 'forget:pg4', 'spec']);
  });
});
