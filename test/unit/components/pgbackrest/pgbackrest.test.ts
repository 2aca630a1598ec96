import { describe, expect, it } from 'vitest';

import { versionFindings } from '../../../../src/checks/pgbackrest-versions.ts';
import { layers } from '../../../../src/components/index.ts';
import { pgbackrest } from '../../../../src/components/pgbackrest/client.ts';
import { repositoryComplaint, repositoryInfo, stanzaState } from '../../../../src/archive/repository-info.ts';
import { pgbackrestResources } from '../../../../src/components/pgbackrest/resources.ts';
import { localSections } from '../../../../src/components/postgres/settings.ts';
import type { Target } from '../../../../src/components/component.ts';
import { PGBACKREST } from '../../../../src/spec/layout.ts';
import { SECRETS, specOf, targetOf } from '../../../support/target.ts';

const S3 = { type: 's3', bucket: 'orders-backups', endpoint: 's3.example.org', region: 'eu-central-1' };

function targetWith(repository: object, hostCount = 3, keys: object = {}, ca?: string): Target {
  const spec = { ...specOf(hostCount, { backup: { repository } }), ...(ca !== undefined && { repositoryCa: ca }) };
  return { ...targetOf(spec, 'pg2' in keys ? 'pg2' : 'pg1'), secrets: { ...SECRETS, repository: keys } };
}

function configuration(target: Target): string {
  const found = pgbackrestResources(target).find(({ rendered }) => rendered?.path === PGBACKREST.configFile);
  return found?.rendered?.content ?? '';
}

describe('pgbackrest.conf', () => {
  const cases: [string, Target][] = [
    [
      's3',
      targetWith({ ...S3, port: 9000, uriStyle: 'path', caFile: 'x' }, 3, { accessKey: 'AK', secretKey: 'SK' }, 'CA'),
    ],
    ['posix on one host', targetWith({ type: 'posix', path: '/mnt/backups' }, 1)],
    ['sftp', targetWith({ type: 'sftp', host: 'vault', user: 'backup' }, 2, { key: 'PRIVATE' })],
    ['azure', targetWith({ type: 'azure', account: 'acme', container: 'orders' }, 2, { key: 'KEY' })],
    ['gcs', targetWith({ type: 'gcs', bucket: 'orders' }, 2, { key: '{}' })],
  ];
  it.each(cases)('%s', async (name, target) => {
    await expect(configuration(target)).toMatchFileSnapshot(`golden/${name.replaceAll(/\W+/gu, '-')}.conf`);
  });

  it('is secret, and no secret is on the command line', () => {
    const target = targetWith(S3, 3, { accessKey: 'ACCESS', secretKey: 'SECRET' });
    const file = pgbackrestResources(target).find(({ rendered }) => rendered?.path === PGBACKREST.configFile);
    expect(file?.rendered?.isSecret).toBe(true);
    expect(pgbackrest('orders', 'backup').script).not.toMatch(/ACCESS|SECRET|cipher/u);
  });

  it('puts what sftp and gcs want into a key file of its own', () => {
    const key = pgbackrestResources(targetWith({ type: 'gcs', bucket: 'orders' }, 2, { key: '{"a":1}' }));
    const file = key.find(({ rendered }) => rendered?.path === PGBACKREST.keyFile);
    expect(file?.rendered).toMatchObject({ content: '{"a":1}\n', isSecret: true });
  });
});

describe('a spec without backup', () => {
  it('has nothing of pgBackRest, and PostgreSQL does not archive', () => {
    const target = targetOf(specOf(3), 'pg1');
    expect(pgbackrestResources(target)).toEqual([]);
    const names = layers(target).flatMap(({ resources }) => resources.map(({ id }) => id));
    expect(names.filter((id) => id.includes('backrest'))).toEqual([]);
    expect(localSections(target).map(({ title }) => title)).not.toContain('Archive');
  });

  it('with it, every member has the same archive settings', () => {
    const target = targetWith(S3);
    const [archive] = localSections(target).filter(({ title }) => title === 'Archive');
    expect(archive?.parameters).toMatchObject({ archive_mode: 'on', archive_timeout: '60s' });
  });
});

describe('versions', () => {
  it('names the host that differs from most', () => {
    const found = versionFindings([
      { host: 'pg1', version: '2.60.0-1' },
      { host: 'pg2', version: '2.56.0-1' },
      { host: 'pg3', version: '2.60.0-1' },
    ]);
    expect(found).toMatchObject([{ host: 'pg2', id: 'pgbackrest-version', severity: 'error' }]);
    expect(versionFindings([{ host: 'pg1', version: '2.60.0-1' }])).toEqual([]);
  });
});

describe('info', () => {
  const info = (code: number): string =>
    JSON.stringify([
      {
        name: 'orders',
        archive: [],
        backup: [],
        db: [],
        repo: [{ status: { code, message: 'x' } }],
        status: { code, message: 'x', lock: { backup: { held: false } } },
      },
    ]);

  it.each([
    [0, 'there'],
    [2, 'there'],
    [1, 'missing'],
    [3, 'missing'],
    [99, 'away'],
  ])('code %i is %s', (code, state) => {
    const parsed = repositoryInfo(info(code), 'orders');
    expect(parsed === undefined ? undefined : stanzaState(parsed)).toBe(state);
  });

  it('is read where pgBackRest quotes what it could not decipher', () => {
    const garbled = info(99).replaceAll('"x"', '"FormatError: line 1: C\u0002\u001B\u007F"');
    const parsed = repositoryInfo(garbled, 'orders');
    expect(parsed === undefined ? '' : repositoryComplaint(parsed)).toContain('cannot be deciphered');
  });

  it('is none of another cluster, nor a text', () => {
    expect(repositoryInfo(info(0), 'invoices')).toBeUndefined();
    expect(repositoryInfo('ERROR', 'orders')).toBeUndefined();
  });
});
