import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import {
  readCluster,
  readMember,
  readSharedConfig,
  wakeLeader,
  restartMember,
} from '../../../../src/components/patroni/client.ts';
import { patroni } from '../../../../src/components/patroni/index.ts';
import { patroniEtcdSettings, patroniSettings } from '../../../../src/components/patroni/settings.ts';
import { sharedConfig } from '../../../../src/components/patroni/shared-config.ts';
import { PATRONI_TIMINGS } from '../../../../src/components/patroni/timings.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import type { Resource } from '../../../../src/resources/resource.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { etcdHosts } from '../../../../src/spec/topology.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { SECRETS, specOf, targetOf } from '../../../support/target.ts';

const config = (spec: Spec, host = 'pg1'): string =>
  renderTemplate('patroni/patroni.yml', patroniSettings(targetOf(spec, host)));
const etcdConfig = (spec: Spec, host = 'pg1'): string =>
  renderTemplate('patroni/etcd.yml', patroniEtcdSettings(targetOf(spec, host)));
/** As Patroni's Python reads it: YAML 1.1. */
const parsed = (text: string): Record<string, unknown> => parse(text, { version: '1.1' }) as Record<string, unknown>;

describe('etcd.yml', () => {
  it('replaces Patroni, which reads it only at its start, when the dcs hosts change; PostgreSQL goes on', () => {
    const fileOf = (spec: Spec): Resource =>
      patroni.resources(targetOf(spec, 'pg1')).find(({ id }) => id === 'file:/etc/pgscale/patroni/etcd.yml')!;
    const written = { owner: 'postgres', group: 'postgres', mode: '0600', content: etcdConfig(specOf(3)) };
    expect(fileOf(specOf(3)).diff(written)).toBeUndefined();
    const moved = fileOf(specOf(3, { dcs: { clientPort: 12_379 } }));
    expect(moved.diff(written)).toMatchObject({
      action: 'update',
      interruption: expect.stringContaining('Patroni starts anew') as string,
      diff: expect.stringContaining('+    - 10.20.0.11:12379') as string,
    });
    expect(moved.notifies).toEqual([{ unit: 'patroni.service', how: 'replace' }]);
    expect(moved.diff(undefined)).not.toHaveProperty('interruption');
  });
});

describe('patroni.yml', () => {
  it.each([
    ['one host', specOf(1), 'pg1'],
    ['three hosts', specOf(3, { replication: { strict: true, seedMaxRateMbPerSecond: 50 } }), 'pg2'],
    [
      'five hosts over a WAN',
      specOf(5, {
        failover: { profile: 'wan', restPort: 8009 },
        replication: { synchronous: 2 },
        postgres: { port: 5433, locale: 'de_DE.UTF-8', dataDirectory: '/srv/postgres/data' },
      }),
      'pg5',
    ],
  ])('%s', async (name, spec, host) => {
    const both = config(spec, host) + etcdConfig(spec, host);
    await expect(both).toMatchFileSnapshot(`golden/${name.replaceAll(/\W+/gu, '-')}.yml.golden`);
  });

  it('says what was meant to a reader of YAML 1.1 too, where `off` and `yes` are words', () => {
    const yaml = parsed(config(specOf(3, { cluster: 'yes', replication: { synchronous: 0 } })));
    expect(yaml).toMatchObject({ scope: 'yes', watchdog: { mode: 'off' } });
    expect(yaml).toMatchObject({
      bootstrap: { dcs: { ...sharedConfig(specOf(3, { replication: { synchronous: 0 } })) } },
    });
  });

  it('asks for a client certificate and a password, and lets only hosts of the cluster change anything', () => {
    expect(parsed(config(specOf(3)))).toMatchObject({
      restapi: {
        verify_client: 'required',
        authentication: { username: 'pgscale', password: SECRETS.passwords.patroniRest },
        allowlist: ['10.20.0.11', '10.20.0.12', '10.20.0.13'],
      },
    });
  });

  it('verifies the other members, and has no password for the superuser', () => {
    const { postgresql } = parsed(config(specOf(3))) as { postgresql: { authentication: Record<string, object> } };
    expect(postgresql.authentication).toMatchObject({
      superuser: { username: 'postgres' },
      replication: { sslmode: 'verify-full' },
      rewind: { sslmode: 'verify-full' },
    });
    expect(postgresql.authentication['superuser']).not.toHaveProperty('password');
  });

  it('is readable by postgres alone, and never shown in a plan', () => {
    const file = patroni.resources(targetOf(specOf(3), 'pg1')).find(({ id }) => id.endsWith('patroni.yml'));
    const change = file?.diff(undefined);
    expect(change).toMatchObject({ action: 'create' });
    expect(JSON.stringify(change)).not.toContain(SECRETS.passwords.replication);
    expect(file?.diff({ content: 'x', owner: 'root', group: 'root', mode: '0644' })?.summary).toContain(
      'mode 0644 → 0600',
    );
  });
});

describe('the order of etcd hosts', () => {
  const names = (spec: Spec, host: string): string[] =>
    etcdHosts(spec, targetOf(spec, host).host).map(({ name }) => name);
  const zones = specOf(0, {
    hosts: [
      { name: 'pg1', address: '10.20.0.11', zone: 'a' },
      { name: 'pg2', address: '10.20.0.12', zone: 'b' },
      { name: 'pg3', address: '10.20.0.13', zone: 'c' },
      { name: 'pg4', address: '10.20.0.14', zone: 'b' },
      { name: 'pg5', address: '10.20.0.15', zone: 'd' },
    ],
  });

  it('begins with the own one, else with one of the zone', () => {
    expect(['pg1', 'pg2', 'pg3', 'pg4'].map((host) => names(zones, host)[0])).toEqual(['pg1', 'pg2', 'pg3', 'pg2']);
  });

  it('holds every dcs host once, and begins elsewhere on different hosts', () => {
    for (const { name } of zones.hosts) expect(names(zones, name).toSorted()).toEqual(['pg1', 'pg2', 'pg3']);
    const far = specOf(6);
    expect(new Set(['pg4', 'pg5', 'pg6'].map((host) => names(far, host)[0])).size).toBe(3);
  });
});

describe('timings', () => {
  it.each(Object.entries(PATRONI_TIMINGS))(
    '%s keeps to the rules of Patroni, with room below the lease',
    (_, timings) => {
      expect(timings.ttl).toBeGreaterThanOrEqual(20);
      expect(timings.retryTimeout).toBeGreaterThanOrEqual(3);
      expect(timings.loopWait + 2 * timings.retryTimeout).toBeLessThan(timings.ttl);
    },
  );
});

describe('shared config', () => {
  it.each([
    [
      { synchronous: 1 },
      {
        synchronous_mode: 'quorum',
        synchronous_node_count: 1,
        synchronous_mode_strict: false,
        primary_start_timeout: 0,
      },
    ],
    [
      { synchronous: 2, strict: true },
      { synchronous_mode: 'quorum', synchronous_node_count: 2, synchronous_mode_strict: true },
    ],
    [
      { synchronous: 0, strict: true },
      { synchronous_mode: false, synchronous_node_count: 1, synchronous_mode_strict: false, primary_start_timeout: 30 },
    ],
  ])('%j', (replication, expected) => {
    expect(sharedConfig(specOf(3, { replication }))).toMatchObject(expected);
  });

  it('guards elections and slots', () => {
    expect(sharedConfig(specOf(3))).toMatchObject({
      check_timeline: true,
      failsafe_mode: true,
      ignore_slots: [{ type: 'logical' }],
      postgresql: { use_pg_rewind: true, use_slots: true },
    });
  });
});

/** What Patroni 4.1.5 answered in the lab. */
const MEMBER =
  '{"state": "running", "postmaster_start_time": "2026-11-24 02:55:53.835043+00:00", "role": "primary", "server_version": 180006, "xlog": {"location": 83886272}, "timeline": 2, "replication": [{"usename": "pgscale_replication", "application_name": "pg2", "client_addr": "10.77.245.12", "state": "streaming", "sync_state": "quorum", "sync_priority": 1}], "dcs_last_seen": 1795489074, "database_system_identifier": "7711566205527271926", "patroni": {"version": "4.1.5", "scope": "comp", "name": "pg1"}}';
const CLUSTER =
  '{"members": [{"name": "pg1", "role": "leader", "state": "running", "api_url": "https://10.77.245.11:8008/patroni", "host": "10.77.245.11", "port": 5432, "timeline": 2}, {"name": "pg2", "role": "quorum_standby", "state": "streaming", "api_url": "https://10.77.245.12:8008/patroni", "host": "10.77.245.12", "port": 5432, "timeline": 2, "receive_lag": 0, "receive_lsn": "0/50000C0", "replay_lag": 0, "replay_lsn": "0/50000C0", "lag": 0, "lsn": "0/50000C0"}], "scope": "comp"}';

describe('the REST client', () => {
  const target = targetOf(specOf(3), 'pg1');
  const at = (path: string): RegExp => new RegExp(`^curl .*https://10\\.20\\.0\\.11:8008${path}$`, 'u');

  it('reads a member and the cluster', async () => {
    const host = new FakeHost().answer(at('/patroni'), { stdout: MEMBER }).answer(at('/cluster'), { stdout: CLUSTER });
    expect(await readMember(host, target)).toMatchObject({ role: 'primary', timeline: 2, pending_restart: false });
    const cluster = await readCluster(host, target);
    expect(cluster?.members.map(({ role }) => role)).toEqual(['leader', 'quorum_standby']);
  });

  it('has no answer when Patroni is away or has no cluster yet', async () => {
    expect(await readMember(new FakeHost().answer(at('/patroni'), { exitCode: 7 }), target)).toBeUndefined();
    expect(await readSharedConfig(new FakeHost().answer(at('/config'), { stdout: '' }), target)).toBeUndefined();
  });

  it('wakes the leader by setting what is set already', async () => {
    const config = { loop_wait: 10, ttl: 30 };
    const host = new FakeHost()
      .answer(/^curl (?!.*-K).*\/config$/u, { stdout: JSON.stringify(config) })
      .answer(/^curl .*-K - .*\/config$/u, { stdout: `${JSON.stringify(config)}\n200` });
    await wakeLeader(host, target);
    expect(host.runs[0]?.options.stdin).toContain(String.raw`data = "{\"loop_wait\":10}"`);
    expect(host.runs[0]?.options.stdin).toContain('request = PATCH');
  });

  it('restarts with the password on standard input, never in the command', async () => {
    const host = new FakeHost().answer(at('/restart'), { stdout: 'restarted successfully\n200' });
    await restartMember(host, target);
    const [run] = host.runs;
    expect(run?.script).not.toContain(SECRETS.passwords.patroniRest);
    expect(run?.options).toMatchObject({ secret: true });
    expect(run?.options.stdin).toContain(`user = "pgscale:${SECRETS.passwords.patroniRest}"`);
  });

  it('says what Patroni said when it refuses', async () => {
    const host = new FakeHost().answer(at('/restart'), { stdout: 'restart failed\n503' });
    await expect(restartMember(host, target)).rejects.toMatchObject({
      code: 'PGS_REMOTE_ANSWER',
      host: 'pg1',
      why: '503: restart failed',
    });
  });
});
