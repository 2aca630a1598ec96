import { describe, expect, it } from 'vitest';

import { etcdConfigChange, etcdConfigFile, isJoining } from '../../../../src/components/etcd/config-file.ts';
import { initialCluster, memberOf, parseEtcdMembers } from '../../../../src/components/etcd/members.ts';
import { etcdSettings } from '../../../../src/components/etcd/settings.ts';
import { leftBy } from '../../../../src/operations/apply/record.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { specOf, targetOf } from '../../../support/target.ts';

const LIST = `1b1fe3c5d6a0d1d4, started, pg1, https://10.20.0.11:2380, https://10.20.0.11:2379, false
8211f1d0f64f3269, unstarted, , https://10.20.0.14:2380, , true`;

describe('members of etcd', () => {
  it('are read from etcdctl, ids as text', () => {
    expect(parseEtcdMembers(LIST)).toEqual([
      { id: '1b1fe3c5d6a0d1d4', name: 'pg1', peerUrl: 'https://10.20.0.11:2380', isLearner: false },
      { id: '8211f1d0f64f3269', name: '', peerUrl: 'https://10.20.0.14:2380', isLearner: true },
    ]);
    expect(parseEtcdMembers('Error: context deadline exceeded')).toBeUndefined();
  });

  it('make the start of the one that joins, which has no name yet', () => {
    const members = parseEtcdMembers(LIST) ?? [];
    const joining = { name: 'pg4', peerUrl: 'https://10.20.0.14:2380' };
    expect(initialCluster(members, joining)).toBe('pg1=https://10.20.0.11:2380,pg4=https://10.20.0.14:2380');
    expect(memberOf(members, specOf(4), targetOf(specOf(4), 'pg4').host)?.id).toBe('8211f1d0f64f3269');
  });
});

describe('etcd.yml on a host that has data', () => {
  const render = (spec: Spec, joins?: string): string =>
    renderTemplate('etcd/etcd.yml', etcdSettings(targetOf(spec, 'pg1'), joins));
  const stateOf = (content: string, hasData = true) => ({
    file: { content, owner: 'root', group: 'root', mode: '0644' },
    hasData,
  });

  it('does not change when other hosts get or lose their vote', () => {
    const roles = ['database', 'dcs', 'proxy'];
    const other = specOf(0, {
      hosts: ['1', '2', '4'].map((each) => ({ name: `pg${each}`, address: `10.20.0.1${each}`, roles })),
    });
    expect(render(other)).not.toBe(render(specOf(3)));
    expect(etcdConfigChange(render(other), stateOf(render(specOf(3))))).toBeUndefined();
    expect(etcdConfigChange(render(other), stateOf(render(specOf(3)), false))?.action).toBe('update');
  });

  it('is recorded as it is kept then, so that `status` finds no drift in it', () => {
    const [wanted, kept] = [render(specOf(5)), render(specOf(3))];
    const found = etcdConfigFile(wanted, []);
    const contents = (actual: object, change = found.diff(actual)): string[] =>
      leftBy({ resource: found, actual, change, foreign: undefined }).map(({ content }) => content);
    expect(contents(stateOf(kept))).toEqual([kept]);
    expect(contents(stateOf(kept, false))).toEqual([wanted]);
  });

  it('changes with everything else', () => {
    const wan = render(specOf(3, { failover: { profile: 'wan' } }));
    expect(etcdConfigChange(wan, stateOf(render(specOf(3))))?.diff).toContain('heartbeat-interval');
  });

  it('says when a join is not through', () => {
    const joining = render(specOf(3), 'pg1=https://10.20.0.11:2380');
    expect(isJoining(stateOf(joining))).toBe(true);
    expect(etcdConfigChange(render(specOf(3)), stateOf(joining))?.action).toBe('update');
    expect(isJoining(stateOf(render(specOf(3))))).toBe(false);
  });
});
