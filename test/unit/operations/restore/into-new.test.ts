import { describe, expect, it } from 'vitest';

import { pgbackrest } from '../../../../src/components/pgbackrest/client.ts';
import { sourceResources } from '../../../../src/components/pgbackrest/resources.ts';
import { isSamePlace } from '../../../../src/components/pgbackrest/same-place.ts';
import { backupSpec } from '../../../../src/components/pgbackrest/spec.ts';
import { bootstrapStatements } from '../../../../src/components/postgres/initialise.ts';
import { promoteScript, swapScript } from '../../../../src/operations/restore/in-place/scripts.ts';
import { misfit } from '../../../../src/operations/restore/into-new/refusals.ts';
import { sourceArchive } from '../../../../src/operations/restore/into-new/source.ts';
import { targetFromFlags } from '../../../../src/operations/restore/request.ts';
import { restoreScript, sideUnitFile } from '../../../../src/operations/restore/server.ts';
import { INTO_NEW } from '../../../../src/operations/restore/side.ts';
import { PGBACKREST } from '../../../../src/spec/layout.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { SECRETS, specOf } from '../../../support/target.ts';

const S3 = { type: 's3', bucket: 'backups', endpoint: 's3.example.org' };
const OTHER_HOSTS = [{ name: 'pg1', address: '10.30.0.11' }];

function spec(more: object = {}, repository: object = S3): Spec {
  return specOf(1, { backup: { repository }, ...more });
}

describe('the spec of the new cluster', () => {
  it('may name other hosts, as long as the archive is another one', () => {
    expect(misfit(spec(), spec({ hosts: OTHER_HOSTS, cluster: 'new' }))).toBeUndefined();
    expect(misfit(spec(), spec({ hosts: OTHER_HOSTS }, { ...S3, path: '/new' }))).toBeUndefined();
    expect(misfit(spec(), specOf(1, { hosts: OTHER_HOSTS }))).toBeUndefined();
  });

  it('is refused with a host of the old one, by any of its addresses', () => {
    expect(misfit(spec(), spec({ cluster: 'new' }))).toBe('pg1 (10.20.0.11) is pg1 of orders');
    const byLogin = [{ name: 'db1', address: '10.30.0.11', sshAddress: '10.20.0.11' }];
    expect(misfit(spec(), spec({ cluster: 'new', hosts: byLogin }))).toContain('db1');
  });

  it('is refused when it would archive into the archive that it comes from', () => {
    const same = spec({ hosts: OTHER_HOSTS }, { ...S3, endpoint: 'S3.example.org', port: 443, path: '/pgscale/' });
    expect(misfit(spec(), same)).toMatch(/both archive as orders/u);
  });

  it.each([
    [{ type: 'posix', path: '/mnt/a' }, { type: 'posix', path: '/mnt//a/' }, true],
    [{ type: 'posix', path: '/mnt/a' }, { type: 'posix', path: '/mnt/b' }, false],
    [S3, { ...S3, bucket: 'others' }, false],
    [{ type: 'gcs', bucket: 'one' }, { type: 'gcs', bucket: 'one' }, true],
    [{ type: 'azure', account: 'acme', container: 'one' }, { type: 'azure', account: 'acme', container: 'two' }, false],
    [{ type: 'sftp', host: 'vault', user: 'a' }, { type: 'sftp', host: 'vault', user: 'b' }, true],
  ])('%j and %j', (one, other, isSame) => {
    const parse = (repository: object) => backupSpec.parse({ repository }).repository;
    expect(isSamePlace(parse(one), parse(other))).toBe(isSame);
  });
});

describe('the way into the other archive', () => {
  const source = {
    spec: { ...spec(), repositoryCa: 'CA' },
    secrets: { ...SECRETS, repository: { accessKey: 'AK', secretKey: 'SK' } },
  };
  const archive = sourceArchive(source.spec);

  it('is a file of its own with the secrets of the other cluster, for root and postgres', () => {
    const resources = sourceResources(source, 2, '/spool');
    const file = resources.find(({ rendered }) => rendered?.path === PGBACKREST.source.configFile)?.rendered;
    expect(file?.isSecret).toBe(true);
    expect(file?.content).toContain('repo1-cipher-pass=backup-cipher-password');
    expect(file?.content).toContain(`repo1-storage-ca-file=${PGBACKREST.source.caFile}`);
    expect(file?.content).not.toMatch(/tls-server|pg1-/u);
    expect(resources.map(({ id }) => id)).toContain(`file:${PGBACKREST.source.caFile}`);
  });

  it('is read without the group of a key that is not there yet', () => {
    const { script } = pgbackrest(archive, 'info');
    expect(script).toContain(`--config=${PGBACKREST.source.configFile} --stanza=orders info`);
    expect(script).not.toContain('-G');
  });

  it('serves files and WAL; nothing is ever sent there', () => {
    const next = spec({ cluster: 'new', hosts: OTHER_HOSTS });
    const target = targetFromFlags({ latest: true });
    const files = { spec: next, archive, name: INTO_NEW, backup: 'B3', timeline: 2, target, isExclusive: false };
    const script = restoreScript(files);
    expect(script).toContain('--pg1-path=/var/lib/postgresql/18/new.restore/into-new/data');
    expect(script.match(/--config=\S+/gu)).toEqual(Array(2).fill(`--config=${PGBACKREST.source.configFile}`));
    expect(sideUnitFile(next, { name: INTO_NEW, port: 5532 })).toContain('-c archive_command= ');
    const swap = swapScript(next, { name: INTO_NEW, createdAt: '2026-11-28T18:07:07.123Z' });
    expect(swap).toContain('archive_(mode|command|library)');
    expect(swap).toContain('into-new/data/patroni.dynamic.json');
  });
});

describe('the roles by which members connect', () => {
  it('get the new passwords as verifiers before the copy is a cluster, whether they were there or not', () => {
    const statements = bootstrapStatements(SECRETS);
    expect(statements.filter((each) => each.startsWith('alter role'))).toHaveLength(2);
    expect(statements.every((each) => !each.includes(SECRETS.passwords.replication))).toBe(true);
    const lines = promoteScript(spec({ cluster: 'new' }), { name: INTO_NEW, port: 5532 }, statements).split('\n');
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    expect(at('SCRAM-SHA-256')).toBeGreaterThan(at('pg_promote'));
    expect(at('SCRAM-SHA-256')).toBeLessThan(at('systemctl stop'));
  });
});
