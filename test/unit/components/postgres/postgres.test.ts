import { describe, expect, it } from 'vitest';

import { accessLines } from '../../../../src/components/postgres/access.ts';
import { dataParent } from '../../../../src/components/postgres/data-parent.ts';
import { initialiseScript } from '../../../../src/components/postgres/initialise.ts';
import { POSTMASTER_PARAMETERS } from '../../../../src/components/postgres/parameters.ts';
import { configurationFile, localSections } from '../../../../src/components/postgres/settings.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { isSharedParameter, sharedParameters } from '../../../../src/spec/shared-parameters.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { SECRETS, specOf, targetOf } from '../../../support/target.ts';

const SEPARATE = {
  hosts: [
    { name: 'pg1', address: '10.20.0.11', roles: ['database', 'dcs'] },
    { name: 'pg2', address: 'fd00::12', roles: ['database'] },
    { name: 'proxy1', address: '10.20.0.21', roles: ['proxy'] },
  ],
};
const configuration = (spec: Spec, host = 'pg1'): string =>
  renderTemplate('postgres/postgresql.conf', configurationFile(targetOf(spec, host)));
const access = (spec: Spec): string => renderTemplate('postgres/pg_hba.conf', { lines: accessLines(spec) });

describe('rendered files', () => {
  it.each([
    ['one host', specOf(1)],
    ['three hosts', specOf(3, { postgres: { hba: ['hostssl all all 10.9.0.0/16 cert'] } })],
    [
      'five hosts over a WAN with parameters',
      specOf(5, {
        failover: { profile: 'wan' },
        postgres: {
          parameters: { work_mem: '64MB', max_connections: 900, 'auto_explain.log_format': "o'x", jit: true },
        },
      }),
    ],
  ])('%s', async (name, spec) => {
    const file = name.replaceAll(/\W+/gu, '-');
    await expect(configuration(spec)).toMatchFileSnapshot(`golden/${file}.postgresql.conf`);
    await expect(access(spec)).toMatchFileSnapshot(`golden/${file}.pg_hba.conf`);
  });

  it('says every parameter once, the spec in the place of what is computed, and quotes it', () => {
    const text = configuration(specOf(3, { postgres: { parameters: { work_mem: '64MB', 'a.b': "it's" } } }));
    const names = [...text.matchAll(/^([a-z_.]+) = /gmu)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(text).toContain("work_mem = '64MB'\n");
    expect(text).toContain("a.b = 'it''s'\n");
  });
});

describe('shared parameters', () => {
  it('are the same whatever the host and however many there are', () => {
    expect(sharedParameters(specOf(5))).toEqual(sharedParameters(specOf(1)));
  });

  it('are not repeated in the file of a host, where Patroni would not look', () => {
    const spec = specOf(3, { postgres: { parameters: { max_connections: 321, work_mem: '1MB' } } });
    const local = localSections(targetOf(spec, 'pg1')).flatMap(({ parameters }) => Object.keys(parameters));
    expect(local.filter((name) => isSharedParameter(name))).toEqual([]);
    expect(sharedParameters(spec)).toMatchObject({ max_connections: 321 });
    expect(sharedParameters(spec)).not.toHaveProperty('work_mem');
  });

  it('hold two busy poolers and what goes past them', () => {
    expect(sharedParameters(specOf(3, { pooler: { backends: 50 } }))['max_connections']).toBe(200);
  });

  it.each([
    ['on', true],
    ['OFF', false],
    ['400', 400],
    ['2GB', '2GB'],
  ])('%s has the one spelling that Patroni gives back', (written, expected) => {
    const spec = specOf(1, { postgres: { parameters: { track_commit_timestamp: written } } });
    expect(sharedParameters(spec)['track_commit_timestamp']).toBe(expected);
  });
});

describe('parameters that need a restart', () => {
  it.each(['shared_buffers', 'max_connections', 'io_method', 'wal_level', 'huge_pages', 'shared_preload_libraries'])(
    '%s does',
    (name) => expect(POSTMASTER_PARAMETERS.has(name)).toBe(true),
  );
  it.each(['work_mem', 'max_wal_size', 'io_workers', 'ssl', 'log_lock_waits', 'hot_standby_feedback'])(
    '%s does not',
    (name) => expect(POSTMASTER_PARAMETERS.has(name)).toBe(false),
  );
});

interface Attempt {
  tls: boolean;
  database: string;
  user: string;
  address: string;
}

/** The method of the first line that fits, as PostgreSQL looks for it; for whole addresses and `all` only. */
function verdict(spec: Spec, { tls, database, user, address }: Attempt): string {
  const fits = (field: string, value: string): boolean => field === 'all' || field.split(',').includes(value);
  const line = accessLines(spec)
    .filter((each) => !each.startsWith('#'))
    .map((each) => each.split(/\s+/u))
    .find(([type = '', databases = '', users = '', from = '']) => {
      const typeFits = type === 'host' || type === (tls ? 'hostssl' : 'hostnossl');
      const databaseFits =
        database === 'replication' ? databases.split(',').includes(database) : fits(databases, database);
      return (
        typeFits && databaseFits && fits(users, user) && (from === 'all' || from.replace(/\/\d+$/u, '') === address)
      );
    });
  return line?.[4] ?? 'no line';
}

describe('pg_hba.conf', () => {
  const spec = specOf(0, SEPARATE);
  const from = (user: string, address: string, more: Partial<Attempt> = {}): string =>
    verdict(spec, { tls: true, database: 'app', user, address, ...more });
  const ELSEWHERE = '192.0.2.7';
  const replication = { database: 'replication' };

  it('lets applications in with TLS and SCRAM from anywhere, and without TLS from nowhere', () => {
    expect(from('app', ELSEWHERE)).toBe('scram-sha-256');
    expect(from('app', ELSEWHERE, { tls: false })).toBe('reject');
    expect(from('app', '127.0.0.1', { tls: false })).toBe('reject');
  });

  it.each(['postgres', 'pgscale_replication', 'pgscale_rewind', 'pgscale_pooler'])(
    'keeps %s out from elsewhere',
    (user) => {
      expect(from(user, ELSEWHERE)).toBe('reject');
      expect(from(user, ELSEWHERE, replication)).toBe('reject');
      expect(from(user, ELSEWHERE, { tls: false })).toBe('reject');
    },
  );

  it('lets members replicate and rewind among themselves, with TLS only', () => {
    expect(from('pgscale_replication', '10.20.0.11', replication)).toBe('scram-sha-256');
    expect(from('pgscale_replication', 'fd00::12', replication)).toBe('scram-sha-256');
    expect(from('pgscale_rewind', 'fd00::12', { database: 'postgres' })).toBe('scram-sha-256');
    expect(from('pgscale_replication', '10.20.0.11', { ...replication, tls: false })).toBe('reject');
    expect(from('pgscale_replication', '10.20.0.21', replication)).toBe('reject');
  });

  it('has the line for 127.0.0.1 without which a diverged former primary never rewinds', () => {
    expect(from('pgscale_replication', '127.0.0.1', replication)).toBe('scram-sha-256');
    expect(from('pgscale_replication', '::1', replication)).toBe('scram-sha-256');
  });

  it('lets poolers look passwords up, also by way of a proxy host', () => {
    expect(from('pgscale_pooler', '10.20.0.11')).toBe('scram-sha-256');
    expect(from('pgscale_pooler', '10.20.0.21')).toBe('scram-sha-256');
  });

  it('cannot be opened to the superuser by a line of the spec', () => {
    const open = specOf(0, { ...SEPARATE, postgres: { hba: ['hostssl all all all cert'] } });
    expect(verdict(open, { tls: true, database: 'app', user: 'postgres', address: ELSEWHERE })).toBe('reject');
    expect(verdict(open, { tls: true, database: 'app', user: 'app', address: ELSEWHERE })).toBe('cert');
  });
});

describe('the folder above the data directory', () => {
  const parent = dataParent('/srv/data', 'postgres');
  const found = (owner: string | undefined): FakeHost =>
    new FakeHost().answer(/stat -c %U/u, owner === undefined ? { exitCode: 1 } : { stdout: owner });

  it.each([
    ['is made', undefined, 'create', false],
    ['is left alone', 'postgres', undefined, false],
    ['is not taken from somebody else', 'root', 'update', true],
  ])('%s', async (_, owner, action, isForeign) => {
    const actual = await parent.read(found(owner));
    expect(parent.diff(actual)?.action).toBe(action);
    expect(parent.foreign?.(actual) !== undefined).toBe(isForeign);
  });
});

describe('the first data directory', () => {
  const script = initialiseScript(targetOf(specOf(3), 'pg1'), '/var/lib/postgresql/18/orders.seeding');

  it('becomes one by a rename, after its roles are in it', () => {
    const order = ['initdb', 'postgres --single', 'mv -T'].map((part) => script.indexOf(part));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(order.toSorted((a, b) => a - b)).toEqual(order);
  });

  it('holds verifiers, never a password', () => {
    expect(script).toContain('SCRAM-SHA-256$');
    for (const password of Object.values(SECRETS.passwords)) expect(script).not.toContain(password);
  });

  it.each([
    ['C.UTF-8', '--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8'],
    ['de_DE.UTF-8', '--locale-provider=icu --icu-locale=de-DE --locale=C.UTF-8'],
  ])('sorts by %s', (locale, flags) => {
    expect(initialiseScript(targetOf(specOf(1, { postgres: { locale } }), 'pg1'), '/x')).toContain(flags);
  });
});
