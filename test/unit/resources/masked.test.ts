import { describe, expect, it } from 'vitest';

import { layers } from '../../../src/components/index.ts';
import type { RemoteFile } from '../../../src/host/host.ts';
import { masked } from '../../../src/resources/masked.ts';
import { SECRETS, specOf, targetOf, VIPS } from '../../support/target.ts';

describe('a file of settings without its secrets', () => {
  it('shows what else changes, and that a secret does', () => {
    const before = 'ttl: 20\nrestapi:\n  password: "old"\n  keep_pass: "same"\n';
    const after = 'ttl: 30\nrestapi:\n  password: "new"\n  keep_pass: "same"\n';
    expect(masked(before, after)).toEqual({
      before: 'ttl: 20\nrestapi:\n  password: (secret)\n  keep_pass: (secret)\n',
      after: 'ttl: 30\nrestapi:\n  password: (secret, changed)\n  keep_pass: (secret)\n',
    });
  });

  it('hides what somebody else has written, whatever its name', () => {
    expect(masked('ttl: 20\n# was hunter2\nremote: hunter2\nhunter2\n', 'ttl: 20\n').before).toBe(
      'ttl: 20\n(hidden: not a line of pgscale)\n(hidden: not a line of pgscale)\n(hidden: not a line of pgscale)\n',
    );
  });
});

const REPOSITORIES = [
  { type: 's3', bucket: 'orders', endpoint: 's3.example', region: 'eu' },
  { type: 'azure', account: 'acme', container: 'orders' },
  { type: 'gcs', bucket: 'orders' },
  { type: 'sftp', host: 'vault', user: 'backup' },
];

/** Each secret with a mark in it that nothing else has. */
function marked<T>(value: T, mark: string): T {
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) => (typeof each === 'string' ? `${mark}${key.slice(0, 3)}` : each)),
  ) as T;
}

describe.each(REPOSITORIES)('every file with secrets, with a repository of type $type', (repository) => {
  const partitions = [
    { table: 'events', by: 'range', column: 'at', step: 'month', retention: { keep: '1 month', action: 'archive' } },
  ];
  const spec = specOf(3, { endpoints: VIPS, backup: { repository }, partitions });
  const secrets = { ...SECRETS, repository: { accessKey: 'x', secretKey: 'x', key: 'x' } };
  const filesOf = (mark: string, cpuCount: number) =>
    layers({ ...targetOf(spec, 'pg1', { cpuCount }), secrets: marked(secrets, mark) })
      .flatMap(({ resources }) => resources)
      .filter(({ rendered }) => rendered?.isSecret === true);
  const old = filesOf('0LD', 2);
  const wanted = filesOf('NEW', 8);

  it('shows no secret in a plan, neither of the host nor of the operator', () => {
    const contents = [...old, ...wanted].map(({ rendered }) => rendered?.content ?? '');
    expect(wanted.length).toBeGreaterThan(4);
    expect(contents.filter((content) => /0LD|NEW/u.test(content)).length).toBe(contents.length);
    for (const [index, resource] of wanted.entries()) {
      const there: RemoteFile = { content: contents[index] ?? '', owner: 'root', group: 'root', mode: '0600' };
      const changes = [resource.diff(there), resource.diff(undefined)];
      expect(changes).toEqual([expect.anything(), expect.anything()]);
      expect(JSON.stringify(changes)).not.toMatch(/0LD|NEW/u);
    }
  });
});

describe('the plan of a file with secrets', () => {
  it('shows what changes in it', () => {
    const [before, after] = [3, 5].map((count) => {
      const resources = layers(targetOf(specOf(count), 'pg1')).flatMap((layer) => layer.resources);
      return resources.find(({ rendered }) => rendered?.path.endsWith('patroni.yml') === true);
    });
    const there: RemoteFile = { content: before?.rendered?.content ?? '', owner: 'root', group: 'root', mode: '0600' };
    const diff = after?.diff(there)?.diff ?? '';
    expect(diff).toContain('+    - 10.20.0.14');
    expect(diff).not.toContain('changed)');
  });
});
