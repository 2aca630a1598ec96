import { describe, expect, it } from 'vitest';

import { noDrainedMembers } from '../../../../src/components/haproxy/drained.ts';
import { FakeHost } from '../../../support/fake-host.ts';

/** HAProxy of paper, with the members that it has been told to keep out. */
function proxyWith(drained: readonly string[]): FakeHost {
  const left = new Set(drained);
  const row = (name: string): string => `postgres_replica,${name},0,${left.has(name) ? 'MAINT' : 'UP'}`;
  return new FakeHost('pg1')
    .answer(/;csv/u, () => ({ stdout: ['# pxname,svname,scur,status', ...['pg1', 'pg2', 'old'].map(row)].join('\n') }))
    .answer(/set server postgres_replica\/(\S+) state ready/u, (script) => {
      left.delete(/postgres_replica\/(\S+) state/u.exec(script)?.[1] ?? '');
      return { stdout: '\n' };
    });
}

describe('members that a run which was cut off has left drained', () => {
  const resource = noDrainedMembers(['pg1', 'pg2', 'pg3']);

  it('are let in again, those of the spec', async () => {
    const host = proxyWith(['pg2', 'old']);
    const drained = await resource.read(host);
    expect(resource.diff(drained)).toMatchObject({ summary: 'give reads to pg2 again' });
    await resource.apply(host, drained);
    expect(resource.diff(await resource.read(host))).toBeUndefined();
    expect(host.runs).toHaveLength(1);
  });

  it('are none where HAProxy does not answer', async () => {
    const host = new FakeHost('pg1').answer(/;csv/u, { exitCode: 7 });
    expect(resource.diff(await resource.read(host))).toBeUndefined();
  });
});
