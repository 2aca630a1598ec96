import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { psqlEnvironment, sshArguments } from '../../../src/operations/psql.ts';
import { urls } from '../../../src/operations/url.ts';
import type { Spec } from '../../../src/spec/schema.ts';
import { SECRETS, specOf, VIPS } from '../../support/target.ts';

const cluster = (spec: Spec, password = 'pw'): Parameters<typeof urls>[0] => ({
  spec,
  secrets: { ...SECRETS, roles: { app: password } },
});

describe('url', () => {
  it('with VIPs: as applications know them', () => {
    expect(urls(cluster(specOf(3, { endpoints: VIPS })), {})).toEqual({
      DATABASE_URL: 'postgres://app:pw@10.20.0.100:5432/app?sslmode=require',
      DATABASE_REPLICA_URL:
        'postgres://app:pw@10.20.0.101:5432/app?sslmode=require&target_session_attrs=read-only&options=-c%20default_transaction_read_only%3Don',
      DATABASE_POOL_URL: 'postgres://app:pw@10.20.0.102:6432/app?sslmode=require',
    });
  });

  it('without VIPs: all hosts of an endpoint', () => {
    const { DATABASE_URL, DATABASE_POOL_URL } = urls(cluster(specOf(2)), {});
    expect(DATABASE_URL).toBe(
      'postgres://app:pw@10.20.0.11:5000,10.20.0.12:5000/app?sslmode=require&connect_timeout=10',
    );
    expect(DATABASE_POOL_URL).toContain('@10.20.0.11:6432,10.20.0.12:6432/');
  });

  it('with the CA: verified, by an absolute path', () => {
    const { DATABASE_URL } = urls(cluster(specOf(3)), {}, './ca.crt');
    expect(DATABASE_URL).toContain(`sslmode=verify-full&sslrootcert=${process.cwd()}/ca.crt`);
  });

  it('a password with any characters arrives as it is', () => {
    const password = 'p@s:s/w?o#r%d [x]&=é';
    const url = urls(cluster(specOf(3, { endpoints: VIPS }), password), {}).DATABASE_URL.replace(/\?.*/u, '');
    expect(new pg.Client(url)).toMatchObject({ password, host: '10.20.0.100', port: 5432, database: 'app' });
  });

  it('an IPv6 address is in brackets', () => {
    const spec = specOf(3, { endpoints: { ...VIPS, primary: { vip: 'fd00::5' } } });
    expect(urls(cluster(spec), {}).DATABASE_URL).toContain('@[fd00::5]:5432/');
  });

  it.each([
    [{ database: 'nope' }, 'the spec has no database nope'],
    [{ role: 'nope' }, 'the spec has no role nope'],
  ])('%o is refused', (choice, message) => {
    expect(() => urls(cluster(specOf(3)), choice)).toThrow(message);
  });

  it('a spec without databases says so', () => {
    expect(() => urls(cluster(specOf(3, { databases: [] })), {})).toThrow('the spec has no database');
  });
});

describe('psql', () => {
  const spec = specOf(3, { ssh: { user: 'ops', identityFile: '/k' } });

  it('gives the password by the environment and verifies the certificate', () => {
    expect(psqlEnvironment(cluster(spec), { endpoint: 'replica' }, '/tmp/ca')).toMatchObject({
      PGHOST: '10.20.0.11,10.20.0.12,10.20.0.13',
      PGPORT: '5001',
      PGPASSWORD: 'pw',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/tmp/ca',
      PGTARGETSESSIONATTRS: 'read-only',
    });
  });

  it('quotes SQL for the shell of the host', () => {
    const words = sshArguments(spec, { endpoint: 'primary', command: "select 'a b'; $(x)" }, 'pg2');
    expect(words).toContain('10.20.0.12');
    expect(words.at(-1)).toBe(
      String.raw`sudo -n -- runuser -u postgres -- psql -h /var/run/postgresql -p 5432 -d app -v ON_ERROR_STOP=1 -c 'select '\''a b'\''; $(x)'`,
    );
  });

  it('names the members when there is none of that name', () => {
    expect(() => sshArguments(spec, { endpoint: 'primary' }, 'pg9')).toThrow('no member pg9');
  });
});
