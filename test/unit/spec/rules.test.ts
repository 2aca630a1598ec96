import { describe, expect, it } from 'vitest';

import { parseSpec } from '../../../src/spec/load.ts';
import { specText } from '../../support/spec-text.ts';

function problems(text: string): string[] {
  return parseSpec(text).problems.map(({ path, message }) => `${path}: ${message}`);
}

function hosts(...lines: string[]): string {
  return `cluster: a\nhosts:\n${lines.map((line, i) => `  - { name: h${i}, address: 10.0.0.${i + 1}${line} }\n`).join('')}`;
}

describe('rules', () => {
  it.each([
    ['the usual three', specText()],
    ['five hosts', hosts('', '', '', '', '')],
    ['two hosts: dcs on the first only', hosts('', '')],
    ['separate roles', hosts(', roles: [database]', ', roles: [database]', ', roles: [dcs]', ', roles: [proxy]')],
    [
      'VIPs leave 5432 to HAProxy',
      specText('endpoints: { primary: { vip: 10.20.0.10 }, replica: { vip: 10.20.0.9 } }'),
    ],
    [
      'HAProxy on 5432 of hosts of its own',
      `${hosts(', roles: [database, dcs]', ', roles: [proxy]')}endpoints: { primary: { port: 5432 } }\n`,
    ],
    ['a predefined role as group', specText('roles: [{ name: app, memberOf: [pg_read_all_data] }]')],
    ['TLS with SCRAM from a network', specText('postgres: { hba: ["hostssl all all 10.0.0.0/8 scram-sha-256"] }')],
    ['two of three standbys', `${hosts('', '', '', '')}replication: { synchronous: 2 }\n`],
    ['one of one standby', `${hosts('', '')}replication: { synchronous: 1 }\n`],
  ])('accepts %s', (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each([
    [
      'a partitioned table by wal2json',
      specText(`databases: [{ name: app, owner: app }]
roles: [{ name: app }]
partitions: [{ table: orders, by: range, column: at, step: month }]
cdc: [{ name: lines, plugin: wal2json, tables: [orders] }]`),
      /^cdc\[0\]\.plugin: public\.orders is, or will be, partitioned/u,
    ],
    ['no dcs', hosts(', roles: [database, proxy]'), /^hosts: no host has the role dcs/u],
    [
      'four dcs',
      hosts(...Array<string>(4).fill(', roles: [database, dcs, proxy]')),
      /^hosts: 4 hosts have the role dcs/u,
    ],
    ['no database', hosts(', roles: [dcs, proxy]'), /^hosts: no host has the role database/u],
    ['no proxy', hosts(', roles: [database, dcs]'), /^hosts: no host has the role proxy/u],
    [
      'a sync standby on a single host',
      `${hosts('')}replication: { synchronous: 1 }\n`,
      /^replication.synchronous: 1/u,
    ],
    [
      'all standbys synchronous',
      specText('replication: { synchronous: 2 }'),
      /^replication.synchronous: all 2 standbys/u,
    ],
    [
      'strict with one standby',
      `${hosts('', '')}replication: { synchronous: 1, strict: true }\n`,
      /^replication.synchronous: strict with one standby stops all writes/u,
    ],
    [
      'strict without a synchronous standby',
      specText('replication: { synchronous: 0, strict: true }'),
      /^replication.strict: strict needs/u,
    ],
    [
      'a vip twice',
      specText('endpoints: { primary: { vip: 10.9.0.1 }, pool: { vip: 10.9.0.1 } }'),
      /^endpoints.pool.vip/u,
    ],
    ['a vip that a host has', specText('endpoints: { primary: { vip: 10.20.0.12 } }'), /address of pg2/u],
    [
      'HAProxy and PostgreSQL on one port',
      specText('endpoints: { primary: { port: 5432 } }'),
      /^endpoints.primary.port: HAProxy \(primary\) cannot listen on port 5432 of pg1: PostgreSQL does/u,
    ],
    ['both endpoints on one port', specText('endpoints: { replica: { port: 5000 } }'), /HAProxy \(primary\) does/u],
    ['the pooler on the port of PostgreSQL', specText('endpoints: { pool: { port: 5432 } }'), /PgBouncer cannot/u],
    ['PostgreSQL on the port of etcd', specText('postgres: { port: 2379 }'), /etcd \(clients\) cannot/u],
    [
      'PostgreSQL on the port by which poolers come to the primary',
      specText('postgres: { port: 15432 }'),
      /^postgres.port: PostgreSQL cannot listen on port 15432 of pg1: HAProxy \(for the host's poolers\) does$/u,
    ],
    ['the pooler on one, too', specText('endpoints: { pool: { port: 15434 } }'), /^endpoints.pool.port: .*15434/u],
    ['sshd on one, too', specText('ssh: { port: 15433 }'), /^ssh.port: sshd cannot listen on port 15433/u],
    ['PostgreSQL on the port of sshd', specText('postgres: { port: 22 }'), /^postgres.port: .*sshd does/u],
    [
      'a database twice',
      specText('databases: [{ name: d, owner: r }, { name: d, owner: r }]\nroles: [{ name: r }]'),
      /\[1\]/u,
    ],
    ['a role twice', specText('roles: [{ name: r }, { name: r }]'), /^roles\[1\].name: there is a role r already/u],
    ['a reserved role', specText('roles: [{ name: postgres }]'), /^roles\[0\].name: .*reserved/u],
    ['a role of pgscale', specText('roles: [{ name: pgscale_rewind }]'), /^roles\[0\].name: .*reserved/u],
    ['a reserved database', specText('databases: [{ name: template1, owner: r }]\nroles: [{ name: r }]'), /reserved/u],
    ['a stranger as group', specText('roles: [{ name: a, memberOf: [b] }]'), /^roles\[0\].memberOf\[0\]/u],
    ['a role in itself', specText('roles: [{ name: a, memberOf: [a] }]'), /^roles\[0\].memberOf: a would be/u],
    [
      'a parameter of pgscale',
      specText('postgres: { parameters: { ssl: off } }'),
      /^postgres.parameters.ssl: ssl belongs/u,
    ],
    [
      'trust',
      specText('postgres: { hba: ["hostssl all all all trust"] }'),
      /^postgres.hba\[0\]: trust is not allowed/u,
    ],
    [
      'md5 after a mask',
      specText('postgres: { hba: ["hostssl all all 10.0.0.0 255.0.0.0 md5"] }'),
      /md5 is not allowed/u,
    ],
    ['connections without TLS', specText('postgres: { hba: ["host all all all scram-sha-256"] }'), /without TLS/u],
    [
      'two lines in one',
      specText(String.raw`postgres: { hba: ["# a\nhost all all all trust"] }`),
      /expected one line/u,
    ],
    ['no method', specText('postgres: { hba: ["local all all"] }'), /expected TYPE/u],
  ])('refuses %s', (_, text, expected) => {
    expect(problems(text)).toEqual([expect.stringMatching(expected)]);
  });
});
