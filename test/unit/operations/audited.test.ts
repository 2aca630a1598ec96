import { describe, expect, it } from 'vitest';

import { audited } from '../../../src/operations/audited.ts';
import type { ClusterSession } from '../../../src/operations/cluster-session.ts';
import { takeLock } from '../../../src/run/lock.ts';
import { FakeHost } from '../../support/fake-host.ts';

const LOCK = /flock -n 9/u;
const AUDIT = /audit\.jsonl/u;
const HOLDER = { user: 'ada', machine: 'desk', pid: 7, command: 'pgscale failover', since: '2026-11-29T10:00:00.000Z' };
const OTHER = 'bob@laptop, pid 9, since 2026-11-29T10:05:00.000Z: pgscale switchover';

/** Work under the lock of a cluster of one host; this happens while the operator thinks about the question. */
async function underLock(
  meanwhile: (host: FakeHost) => void,
): Promise<{ host: FakeHost; done: () => Promise<string> }> {
  const host = new FakeHost('pg1').answer(LOCK, { stdout: 'HELD \n' }).answer(AUDIT, { stdout: '' });
  const lock = await takeLock({ cluster: 'orders', hosts: [host], voters: 1 }, HOLDER, { forMs: 0 });
  meanwhile(host);
  const session = { fleet: { hosts: new Map([[host.name, host]]), failures: [] } } as unknown as ClusterSession;
  const done = (): Promise<string> =>
    audited(session, { command: 'failover', changes: ['make pg2 the primary'] }, async () => 'changed').finally(() =>
      lock[Symbol.asyncDispose](),
    );
  return { host, done };
}

const audits = (host: FakeHost): string[] => host.runs.flatMap(({ script }) => (AUDIT.test(script) ? [script] : []));

describe('work that is written to the audit', () => {
  it('is done under a lock that is ours, and written down', async () => {
    const { host, done } = await underLock(() => undefined);
    expect(await done()).toBe('changed');
    expect(audits(host)).toHaveLength(1);
  });

  it('is not begun when the lock was lost before, as while a question was open', async () => {
    const { host, done } = await underLock((lost) => {
      lost.sessions.at(-1)?.end();
      lost.answer(LOCK, { stdout: `BUSY ${OTHER}\n` });
    });
    await expect(done()).rejects.toMatchObject({ code: 'PGS_LOCK_LOST', details: { holder: `held now by ${OTHER}` } });
    expect(audits(host)).toEqual([]);
  });
});
