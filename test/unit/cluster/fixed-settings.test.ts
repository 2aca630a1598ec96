import { describe, expect, it } from 'vitest';

import { fixedSettings, type RunningFiles } from '../../../src/cluster/fixed-settings.ts';
import { ETCD_CONFIG_ID } from '../../../src/components/etcd/config-file.ts';
import { etcdSettings } from '../../../src/components/etcd/settings.ts';
import { patroniSettings } from '../../../src/components/patroni/settings.ts';
import { refuseFixedSettings } from '../../../src/operations/fixed-settings.ts';
import type { HostSurvey } from '../../../src/operations/survey.ts';
import { renderTemplate } from '../../../src/resources/template.ts';
import { PATRONI } from '../../../src/spec/layout.ts';
import { specOf, targetOf } from '../../support/target.ts';

const RUNNING = specOf(2);

/** What an `apply` of RUNNING has left on a host. */
function filesOf(host: string, spec = RUNNING): RunningFiles & { patroni: string; etcd: string } {
  const target = targetOf(spec, host);
  return {
    host,
    patroni: renderTemplate('patroni/patroni.yml', patroniSettings(target)),
    etcd: renderTemplate('etcd/etcd.yml', etcdSettings(target)),
  };
}

describe('fixedSettings', () => {
  it.each([
    [{ postgres: { port: 5433 } }, 'postgres.port', '5432', '5433'],
    [
      { postgres: { dataDirectory: '/data/orders' } },
      'postgres.dataDirectory',
      '/var/lib/postgresql/18/orders',
      '/data/orders',
    ],
    [{ failover: { restPort: 8009 } }, 'failover.restPort', '8008', '8009'],
    [{ dcs: { peerPort: 2480 } }, 'dcs.peerPort', '2380', '2480'],
    [{ dcs: { clientPort: 2479 } }, 'dcs.clientPort', '2379', '2479'],
  ])('%j', (more, setting, running, wanted) => {
    const found = fixedSettings(specOf(3, more), [filesOf('pg1'), filesOf('pg2')]);
    expect(found).toMatchObject([{ setting, running, wanted, hosts: ['pg1', 'pg2'] }]);
  });

  it('lets pass what may change, and hosts without a member', () => {
    const files = [filesOf('pg1'), { host: 'pg3', patroni: undefined, etcd: undefined }];
    expect(fixedSettings(specOf(3, { postgres: { parameters: { work_mem: '8MB' } } }), files)).toEqual([]);
    expect(fixedSettings(specOf(3, { postgres: { port: 5433 } }), files)).toMatchObject([{ hosts: ['pg1'] }]);
  });

  it('finds hosts that differ among themselves, and IPv6', () => {
    const moved = specOf(2, { postgres: { port: 5433 } });
    const found = fixedSettings(RUNNING, [filesOf('pg1', RUNNING), filesOf('pg2', moved)]);
    expect(found).toMatchObject([{ running: '5433', wanted: '5432', hosts: ['pg2'] }]);
    const ipv6 = specOf(1, { hosts: [{ name: 'pg1', address: '2001:db8::1' }] });
    expect(fixedSettings({ ...ipv6, dcs: { clientPort: 1, peerPort: 2 } }, [filesOf('pg1', ipv6)])).toHaveLength(2);
  });
});

describe('refuseFixedSettings', () => {
  const wanted = specOf(2, { postgres: { port: 5433 }, dcs: { peerPort: 2480 } });

  it('says what, where and what to do instead', () => {
    expect(() => refuseFixedSettings(wanted, [surveyOf({ isPatroniRunning: true, hasEtcdData: true })])).toThrow(
      expect.objectContaining({
        code: 'PGS_SETTING_FIXED',
        message: 'postgres.port, dcs.peerPort cannot be changed in a cluster that is there; nothing was changed',
        why: expect.stringMatching(
          /^postgres\.port is 5432 on pg1, and the spec says 5433: .*\ndcs\.peerPort is 2380/u,
        ) as string,
        next: expect.arrayContaining(['Put `postgres.port: 5432` back into the spec.']) as string[],
      }),
    );
  });

  it('lets a first run that was cut off begin anew with another value', () => {
    expect(() => {
      refuseFixedSettings(wanted, [surveyOf({ isPatroniRunning: false, hasEtcdData: false })]);
    }).not.toThrow();
  });
});

function surveyOf({ isPatroniRunning, hasEtcdData }: { isPatroniRunning: boolean; hasEtcdData: boolean }): HostSurvey {
  const { patroni, etcd } = filesOf('pg1');
  const findings = [
    { resource: { id: `file:${PATRONI.configFile}` }, actual: { content: patroni } },
    { resource: { id: ETCD_CONFIG_ID }, actual: { file: { content: etcd }, hasData: hasEtcdData } },
  ];
  return {
    target: targetOf(RUNNING, 'pg1'),
    member: { data: 'none', isPatroniRunning },
    applied: undefined,
    layers: [{ findings }],
  } as unknown as HostSurvey;
}
