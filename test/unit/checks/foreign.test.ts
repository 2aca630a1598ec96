import { describe, expect, it } from 'vitest';

import { foreignStopped, stoppedVerdicts } from '../../../src/checks/foreign-stopped.ts';
import { foreign } from '../../../src/checks/foreign.ts';
import { listenersOf } from '../../../src/spec/listeners.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { specOf, targetOf } from '../../support/target.ts';

const target = targetOf(specOf(3), 'pg1');
const ours = {
  dataDirectory: '/var/lib/postgresql/18/orders',
  listeners: listenersOf(target.spec, target.host),
};
const lines = (...rows: string[][]): string => rows.map((row) => row.join('\t')).join('\n');
const verdicts = (...rows: string[][]): string[] =>
  stoppedVerdicts(lines(...rows), ours).map(({ severity, what }) => `${severity}: ${what}`);

describe('what is stopped and of somebody else', () => {
  it.each([
    [
      'a cluster that starts with the host, on a port of ours',
      ['15/main', '5432', 'auto', '/data'],
      /^error: .*5432, which PostgreSQL needs$/u,
    ],
    [
      'a cluster that starts with the host, on another port',
      ['15/main', '5999', 'auto', '/data'],
      /^warning: the PostgreSQL cluster 15\/main \(port 5999, \/data\) is stopped/u,
    ],
    ['a cluster that nothing starts', ['15/main', '5432', 'manual', '/data'], /^warning: /u],
    [
      'a cluster where our data goes',
      ['18/orders', '5999', 'manual', ours.dataDirectory],
      /^error: .* its data is where that of the spec goes$/u,
    ],
  ])('%s', (_, cluster, expected) => {
    expect(verdicts(['cluster', ...cluster], ['data', cluster[3] ?? ''])).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    [
      'data without a cluster',
      ['data', '/var/lib/postgresql/17/old'],
      /^warning: \/var\/lib\/postgresql\/17\/old holds data of a PostgreSQL/u,
    ],
    [
      'a Patroni that starts with the host',
      ['patroni', '/etc/patroni/shop.yml', 'enabled', '8008 5999 '],
      /^error: .*port 8008, which Patroni's REST API needs/u,
    ],
    ['a Patroni on other ports', ['patroni', '/etc/patroni/shop.yml', 'enabled', '8009 5999 '], /^warning: /u],
    ['a Patroni that nothing starts', ['patroni', '/etc/patroni/shop.yml', 'disabled', '8008 '], /^warning: /u],
    [
      'a configuration of the unit that we take over',
      ['patroni', '/etc/patroni/config.yml', 'enabled', '8008 '],
      /^warning: /u,
    ],
    [
      'a unit under the name of one of ours',
      ['unit', '/etc/systemd/system/patroni.service'],
      /^error: \/etc\/systemd\/system\/patroni\.service was not written/u,
    ],
    [
      'an etcd beside ours',
      ['etcd', '/var/lib/etcd/default'],
      /^warning: \/var\/lib\/etcd\/default holds data of an etcd/u,
    ],
    ['an etcd where ours goes', ['etcd', '/var/lib/etcd/pgscale'], /^error: /u],
  ])('%s', (_, row, expected) => {
    expect(verdicts(row)).toEqual([expect.stringMatching(expected)]);
  });

  it('is nothing where there is nothing, and data where ours goes is the other check’s', () => {
    expect(verdicts([''])).toEqual([]);
    expect(verdicts(['data', ours.dataDirectory])).toEqual([]);
  });

  it('is not asked for on a host that is ours', async () => {
    const host = new FakeHost().answer(/pg_lsclusters/u, { stdout: lines(['etcd', '/var/lib/etcd/pgscale']) });
    await expect(foreignStopped.run(host, target)).resolves.toHaveLength(1);
    host.file('/etc/pgscale/cluster.json', '{"cluster":"orders"}');
    await expect(foreignStopped.run(host, target)).resolves.toEqual([]);
  });
});

it('names another cluster of pgscale that has the host', async () => {
  const host = new FakeHost().answer(/^systemctl/u).answer(/^ls -A/u, { stdout: 'PG_VERSION' });
  const ids = async (cluster: string): Promise<string[]> => {
    host.file('/etc/pgscale/cluster.json', JSON.stringify({ cluster }));
    return (await foreign.run(host, target)).map(({ id, what }) => `${id}: ${what}`);
  };
  await expect(ids('orders')).resolves.toEqual([]);
  await expect(ids('shop')).resolves.toEqual([
    'foreign-cluster: belongs to the cluster shop (/etc/pgscale/cluster.json)',
  ]);
});
