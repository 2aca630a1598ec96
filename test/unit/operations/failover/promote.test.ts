import { describe, expect, it } from 'vitest';

import { promote } from '../../../../src/operations/failover/index.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { paperSession } from '../../../support/paper-session.ts';
import { specOf } from '../../../support/target.ts';

const { signal } = new AbortController();

/** A standby whose Patroni answers so to `POST /failover`. */
function standbyWhosePatroniSays(answer: string): { host: FakeHost; promoteAfterReads: (count: number) => void } {
  let readsLeft = Infinity;
  const host = new FakeHost('pg2').answer(/\/failover/u, { stdout: answer }).answer(/pg_is_in_recovery/u, () => {
    readsLeft -= 1;
    const row = { isInRecovery: readsLeft > 0, timeline: 3, position: 1, lastCommitSeconds: 1 };
    return { stdout: JSON.stringify([row]) };
  });
  return { host, promoteAfterReads: (count) => (readsLeft = count) };
}

describe('the promotion of a failover', () => {
  it('ends at once when Patroni refuses, with its reason', async () => {
    const { host } = standbyWhosePatroniSays('failover is not possible: no good candidates have been found\n412');
    const startedAt = performance.now();
    await expect(promote(paperSession(specOf(3), [host]), 'pg2', signal)).rejects.toMatchObject({
      code: 'PGS_FAILOVER_REFUSED',
      why: '412: failover is not possible: no good candidates have been found',
    });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  it('waits for the member when Patroni does not know how it ended', async () => {
    const { host, promoteAfterReads } = standbyWhosePatroniSays('Failover status unknown\n503');
    promoteAfterReads(3);
    await expect(promote(paperSession(specOf(3), [host]), 'pg2', signal)).resolves.toBeUndefined();
  });
});
