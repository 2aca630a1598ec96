import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { etcdProblem, etcdStatus } from '../../../../src/components/etcd/client.ts';
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

describe('etcdctl', () => {
  const { spec, host } = targetOf(specOf(3), 'pg1');
  const answering = (stdout: string, exitCode = 0, stderr = ''): FakeHost =>
    new FakeHost().answer(/^etcdctl --endpoints=https:\/\/10\.20\.0\.11:2379 /u, { stdout, exitCode, stderr });

  it('is healthy when it says so', async () => {
    const json = '[{"endpoint":"https://10.20.0.11:2379","health":true,"took":"9.05ms"}]';
    expect(await etcdProblem(answering(json), spec, host)).toBeUndefined();
  });

  it('tells why it is not', async () => {
    const json =
      '[{"endpoint":"https://10.20.0.11:2379","health":false,"took":"3s","error":"context deadline exceeded"}]';
    expect(await etcdProblem(answering(json, 1), spec, host)).toBe('context deadline exceeded');
    expect(await etcdProblem(answering('', 127, 'sh: etcdctl: not found'), spec, host)).toBe('sh: etcdctl: not found');
  });

  it('reads who leads from what 3.5 answers', async () => {
    const status = (leader: string): string =>
      `[{"Endpoint":"https://10.20.0.11:2379","Status":{"header":{"cluster_id":1,"member_id":4593662226991002031,"revision":144,"raft_term":2},"version":"3.5.30","dbSize":65536${leader},"raftIndex":246}}]`;
    expect(await etcdStatus(answering(status(',"leader":4593662226991002031')), spec, host)).toEqual({
      version: '3.5.30',
      databaseBytes: 65536,
      hasLeader: true,
      isLeader: true,
    });
    expect(await etcdStatus(answering(status(',"leader":77')), spec, host)).toMatchObject({ isLeader: false });
    expect(await etcdStatus(answering(status('')), spec, host)).toMatchObject({ hasLeader: false, isLeader: false });
    expect(await etcdStatus(answering('', 1), spec, host)).toBeUndefined();
  });
});
