import { describe, expect, it } from 'vitest';

import { accessLines } from '../../../src/components/postgres/access.ts';
import { decidingLine, parseAccessRule, type Login } from '../../../src/spec/access-rules.ts';
import { OWN_ROLES } from '../../../src/spec/layout.ts';
import { checkRules } from '../../../src/spec/rules.ts';
import { specOf } from '../../support/target.ts';

const login = (more: Partial<Login> = {}): Login => ({
  user: 'app',
  groups: ['staff'],
  database: 'app',
  address: '10.20.0.12',
  ...more,
});

describe('a line of pg_hba.conf', () => {
  it.each([
    ['local all all scram-sha-256', { type: 'local', address: undefined, method: 'scram-sha-256' }],
    ['hostssl a,b "x y" 10.0.0.0/8 cert map=m # why', { databases: ['a', 'b'], users: ['"x y"'], method: 'cert' }],
    ['host all all 10.0.0.0 255.240.0.0 reject', { address: '10.0.0.0/12', method: 'reject' }],
    ['host all all fd00:: ffff:ffff:: reject', { address: 'fd00::/32', method: 'reject' }],
    ['hostssl a, "x, y" b all cert', { databases: ['a', '"x, y"'], users: ['b'], method: 'cert' }],
    ['hostssl "a#b" c all "reject"#why', { databases: ['"a#b"'], users: ['c'], method: 'reject' }],
  ])('is taken apart: %s', (line, parts) => {
    expect(parseAccessRule(line)).toMatchObject(parts);
  });

  it.each(['', '# host all all all reject', 'include_if_exists more.conf', 'hostssl all all'])(
    'is none: %j',
    (line) => {
      expect(parseAccessRule(line)).toBeUndefined();
    },
  );

  it.each<[string, Partial<Login>, boolean]>([
    ['hostssl all all all reject', {}, true],
    ['hostssl all all 10.20.0.0/24 reject', {}, true],
    ['hostssl all all 10.20.1.0/24 reject', {}, false],
    ['hostssl all all fd00::/8 reject', { address: 'fd00::12' }, true],
    ['hostssl all all fd00::/8 reject', {}, false],
    ['hostnossl all all all reject', {}, false],
    ['hostssl all +staff all reject', {}, true],
    ['hostssl all +others all reject', {}, false],
    ['hostssl all /^ap all reject', {}, true],
    ['hostssl all /^( all reject', {}, false],
    ['hostssl "all" all all reject', {}, false],
    ['hostssl sameuser all all reject', {}, true],
    ['hostssl samerole all all reject', { database: 'staff' }, true],
    ['hostssl replication all all reject', {}, false],
    ['hostssl all all all reject', { database: undefined }, false],
    ['hostssl replication all all reject', { database: undefined }, true],
    ['local all all reject', {}, false],
    ['local all all reject', { address: undefined }, true],
    ['hostssl all all .example.org reject', {}, false],
    ['hostssl all all 10.20.0.0/99 reject', {}, false],
    ['hostssl all all 10.20.0.0/x reject', {}, false],
    ['hostssl all all 0.0.0.0/0 reject', {}, true],
  ])('%s, for %o: %s', (line, more, isDeciding) => {
    expect(decidingLine([line], login(more))).toEqual(isDeciding ? { index: 0, method: 'reject' } : undefined);
  });

  it('is of no effect after one that fits', () => {
    const lines = ['# first', 'hostssl app app all scram-sha-256', 'hostssl all all all reject'];
    expect(decidingLine(lines, login())).toEqual({ index: 1, method: 'scram-sha-256' });
  });
});

describe('access', () => {
  const hba = (...lines: string[]): string[] =>
    checkRules(specOf(3, { postgres: { hba: lines } })).map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('has lines of its own before whatever the spec adds', () => {
    const spec = specOf(3, { postgres: { hba: ['host all all all reject'] } });
    const method = (more: Partial<Login>): string | undefined => decidingLine(accessLines(spec), login(more))?.method;
    for (const { address } of spec.hosts) {
      const from = { address, groups: [] };
      expect(method({ ...from, user: OWN_ROLES.replication, database: undefined })).toBe('scram-sha-256');
      expect(method({ ...from, user: OWN_ROLES.rewind, database: 'postgres' })).toBe('scram-sha-256');
      expect(method({ ...from, user: OWN_ROLES.poolerAuth, database: 'app' })).toBe('scram-sha-256');
    }
    expect(method({ user: 'postgres', database: 'postgres', address: undefined })).toBe('peer');
    expect(method({ user: OWN_ROLES.replication, database: undefined, address: '10.99.0.1' })).toBe('reject');
  });

  it('refuses a line that keeps the owner of a database out, and says which', () => {
    expect(hba('hostssl all guest all reject', 'hostssl all all 10.20.0.0/16 reject')).toEqual([
      expect.stringMatching(
        /^postgres\.hba\.1: reject here would keep app out of database app .*pg1 \(10\.20\.0\.11\)/u,
      ),
    ]);
    expect(hba('hostssl app +app all cert')).toEqual([expect.stringMatching(/^postgres\.hba\.0: cert here/u)]);
    // On the other hosts the test of the file would not see it.
    expect(hba('hostssl app app 10.20.0.12/32 scram-sha-256 clientcert=verify-full')).toEqual([
      expect.stringMatching(/^postgres\.hba\.0: clientcert=verify-full here .*pg2/u),
    ]);
  });

  it.each([
    'hostssl "my db" app all trust',
    'hostssl app, postgres app all trust',
    'hostssl app app all trust#scram-sha-256',
    'hostssl app app all "trust"',
    'hostssl app app all , trust',
  ])('refuses what lets in without a password, however it is written: %s', (line) => {
    expect(hba(line)).toContainEqual(expect.stringContaining('trust is not allowed'));
  });

  it('refuses a line that would take the next one with it', () => {
    expect(hba('# more \\')).toEqual([expect.stringContaining('backslash')]);
  });

  it('allows a line that leaves them alone, or comes after one that lets them in', () => {
    expect(hba('hostssl all all 10.99.0.0/16 reject')).toEqual([]);
    expect(hba('hostssl app app 10.20.0.0/24 scram-sha-256', 'hostssl all all all reject')).toEqual([]);
  });
});
