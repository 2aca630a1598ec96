import { describe, expect, it } from 'vitest';

import { refusals } from '../../../../src/components/postgres/access-file.ts';
import { accessTest, passFile, testedLogins } from '../../../../src/components/postgres/access-test.ts';
import { POSTGRES } from '../../../../src/spec/layout.ts';
import { specOf, targetOf, SECRETS } from '../../../support/target.ts';

const target = targetOf(specOf(3), 'pg2');

describe('the test of a new pg_hba.conf', () => {
  it('tries replication, rewind, the pooler and the owner of each database', () => {
    expect(testedLogins(target).map(({ name }) => name)).toEqual([
      'replication (pgscale_replication)',
      'rewind (pgscale_rewind)',
      "the pooler's look-up (pgscale_pooler) in postgres",
      "the pooler's look-up (pgscale_pooler) in app",
      'app in app, as the poolers come',
    ]);
  });

  it('has the passwords in a passfile, with what it needs escaped, and not in the script', () => {
    const secrets = { ...SECRETS, roles: { app: String.raw`a:b\c` } };
    expect(passFile({ ...target, secrets })).toContain(String.raw`*:*:*:app:a\:b\\c` + '\n');
    expect(accessTest(target).script).not.toContain(SECRETS.passwords.replication);
  });

  it('reloads by a signal: what would say so by SQL may be locked out', () => {
    const { script } = accessTest(target);
    expect(script).toContain('kill -HUP');
    expect(script).not.toContain('pg_reload_conf');
  });

  it('names the line that is meant', () => {
    const content = '# first\nhostssl all all all scrm\n';
    const output = `rule|2|${POSTGRES.hbaFile}|invalid authentication method "scrm"\nlogin|app in app|FATAL:  no|entry`;
    expect(refusals(output, content)).toEqual([
      'line 2 (hostssl all all all scrm): invalid authentication method "scrm"',
      'app in app cannot log in any more: FATAL:  no|entry',
    ]);
  });
});
