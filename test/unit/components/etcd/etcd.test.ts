import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { readEtcd, type EtcdStatus } from '../../../../src/components/etcd/client.ts';
import { etcd } from '../../../../src/components/etcd/index.ts';
import { etcdSettings } from '../../../../src/components/etcd/settings.ts';
import { ETCD_TIMINGS } from '../../../../src/components/etcd/timings.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { specOf, targetOf } from '../../../support/target.ts';

const config = (spec: Spec, host: string): string =>
  renderTemplate('etcd/etcd.yml', etcdSettings(targetOf(spec, host)));
const parsed = (text: string): Record<string, unknown> => parse(text) as Record<string, unknown>;

describe('etcd.yml', () => {
  it.each([
    ['one host', specOf(1), 'pg1'],
    ['three hosts', specOf(3), 'pg2'],
    [
      'three of five hosts over a WAN',
      specOf(5, { failover: { profile: 'wan' }, dcs: { clientPort: 3379, peerPort: 3380 } }),
      'pg3',
    ],
  ])('%s', async (name, spec, host) => {
    await expect(config(spec, host)).toMatchFileSnapshot(`golden/${name.replaceAll(/\W+/gu, '-')}.yml.golden`);
  });

  it('names every dcs host as a member, and no other host', () => {
    expect(parsed(config(specOf(5), 'pg1'))['initial-cluster']).toBe(
      'pg1=https://10.20.0.11:2380,pg2=https://10.20.0.12:2380,pg3=https://10.20.0.13:2380',
    );
    expect(
      specOf(5)
        .hosts.filter((host) => etcd.runsOn(host))
        .map(({ name }) => name),
    ).toEqual(['pg1', 'pg2', 'pg3']);
  });

  it('asks clients and peers for a certificate, and listens nowhere without TLS', () => {
    const yaml = parsed(config(specOf(3), 'pg1'));
    expect(yaml['client-transport-security']).toMatchObject({ 'client-cert-auth': true });
    expect(yaml['peer-transport-security']).toMatchObject({ 'client-cert-auth': true });
    expect(config(specOf(3), 'pg1')).not.toContain('http://');
  });

  it('puts an IPv6 address in brackets', () => {
    const spec = specOf(0, { hosts: [{ name: 'pg1', address: 'fd00::11' }] });
    expect(parsed(config(spec, 'pg1'))['initial-cluster']).toBe('pg1=https://[fd00::11]:2380');
  });

  it('elects after ten heartbeats, so that a late one deposes nobody', () => {
    for (const { heartbeatMs, electionMs } of Object.values(ETCD_TIMINGS)) expect(electionMs).toBe(10 * heartbeatMs);
  });
});

describe('readEtcd', () => {
  const { spec, host } = targetOf(specOf(3), 'pg1');
  const answering = (stdout: string, exitCode = 0, stderr = ''): FakeHost =>
    new FakeHost().answer(/^curl .*https:\/\/10\.20\.0\.11:2379\/health --next .*:2379\/v3\/maintenance\/status$/u, {
      stdout,
      exitCode,
      stderr,
    });
  const problemOf = async (...answer: Parameters<typeof answering>): Promise<string | undefined> =>
    (await readEtcd(answering(...answer), spec, host)).problem;

  it('is healthy when it says so', async () => {
    expect(await problemOf('{"health":"true","reason":""}\n')).toBeUndefined();
  });

  it('tells why it is not', async () => {
    expect(await problemOf('{"health":"false","reason":"RAFT NO LEADER"}\n')).toBe('RAFT NO LEADER');
    const refused = 'curl: (7) Failed to connect to 10.20.0.11 port 2379\ncurl: (7) Failed to connect';
    expect(await problemOf('\n', 7, refused)).toBe('curl: (7) Failed to connect to 10.20.0.11 port 2379');
    expect(await problemOf('404 page not found\n')).toBe('etcd does not answer');
  });

  it('reads who leads from what 3.5 answers', async () => {
    const status = async (leader: string): Promise<EtcdStatus | undefined> => {
      const json = `{"header":{"cluster_id":"1","member_id":"14593662226991002031","revision":"144","raft_term":"2"},"version":"3.5.30","dbSize":"65536"${leader},"raftIndex":"246"}`;
      return (await readEtcd(answering(`{"health":"true"}\n${json}\n`), spec, host)).status;
    };
    expect(await status(',"leader":"14593662226991002031"')).toEqual({
      version: '3.5.30',
      databaseBytes: 65536,
      hasLeader: true,
      isLeader: true,
    });
    // Differs in the last digit only: no number of JavaScript.
    expect(await status(',"leader":"14593662226991002030"')).toMatchObject({ isLeader: false });
    expect(await status('')).toMatchObject({ hasLeader: false, isLeader: false });
    expect((await readEtcd(answering('\n', 7), spec, host)).status).toBeUndefined();
  });
});
