import { describe, expect, it } from 'vitest';

import { postgresResources } from '../../../src/components/postgres/resources.ts';
import { complaints, judgeParameters } from '../../../src/resources/judged-parameters.ts';
import { POSTGRES } from '../../../src/spec/layout.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { specOf, targetOf } from '../../support/target.ts';

const CONTENT = "# first\nfoo_bar = 3\nwork_mem = '-5'\n";
/** As PostgreSQL 15 of Debian says it. */
const SAID = `2026-11-29 17:03:04.706 GMT [4132] LOG:  skipping missing configuration file "/tmp/x/data/postgresql.auto.conf"
2026-11-29 17:03:04.706 GMT [4132] LOG:  unrecognized configuration parameter "foo_bar" in file "/tmp/x/postgresql.conf" line 2
2026-11-29 17:03:04.743 GMT [4132] LOG:  -5 kB is outside the valid range for parameter "work_mem" (64 .. 2147483647)
2026-11-29 17:03:04.706 GMT [4132] FATAL:  configuration file "/tmp/x/postgresql.conf" contains errors`;
const REFUSES = { exitCode: 3, stdout: SAID };

describe('judgeParameters', () => {
  it('has them read as postgres, the shared ones as Patroni gives them', async () => {
    const host = new FakeHost('pg1').answer(/-C data_directory/u);
    await judgeParameters(host, { content: CONTENT, shared: { max_connections: '5 apples', wal_log_hints: true } });
    const [{ script, options }] = host.runs as [(typeof host.runs)[0]];
    expect(script).toContain("-c 'max_connections=5 apples' -c wal_log_hints=true");
    expect(options).toMatchObject({ as: 'postgres', stdin: CONTENT });
  });

  it('says what PostgreSQL says, with the line that is meant', () => {
    expect(complaints(SAID, CONTENT)).toEqual([
      'unrecognized configuration parameter "foo_bar" (foo_bar = 3)',
      '-5 kB is outside the valid range for parameter "work_mem" (64 .. 2147483647)',
    ]);
  });
});

it('leaves postgresql.conf as it is when it is refused', async () => {
  const target = targetOf(specOf(3, { postgres: { parameters: { foo_bar: 3 } } }), 'pg1');
  const resource = postgresResources(target).find(({ id }) => id === `file:${POSTGRES.configFile}`);
  const host = new FakeHost('pg1').answer(/-C data_directory/u, REFUSES);
  await expect(resource?.apply(host, undefined)).rejects.toMatchObject({
    code: 'PGS_PARAMETER_REFUSED',
    host: 'pg1',
    why: expect.stringContaining('"foo_bar"') as string,
  });
  expect(host.writes).toEqual([]);
});
