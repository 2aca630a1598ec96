import { describe, expect, it } from 'vitest';

import { exceeded, noPrimary, readLag } from '../../../src/operations/lag.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { standbyRow } from '../../support/report.ts';
import { specOf } from '../../support/target.ts';

const spec = specOf(3);
const both = [standbyRow('pg2', { replayLagBytes: 1000, replayLagSeconds: 0.5 }), standbyRow('pg3')];

describe('limits of lag', () => {
  it.each([
    ['nothing asked, nothing broken', [], {}, 0],
    ['at the limit is not over it', both, { maxBytes: 1000, maxSeconds: 0.5 }, 0],
    ['bytes', both, { maxBytes: 999 }, 1],
    ['seconds', both, { maxSeconds: 0.4 }, 1],
    ['both', both, { maxBytes: 1, maxSeconds: 0.1 }, 2],
    ['a standby that is missing', [standbyRow('pg2')], { maxBytes: 1 }, 1],
    ['one that is only being copied', [standbyRow('pg2'), standbyRow('pg3', { state: 'backup' })], { maxBytes: 1 }, 1],
    ['a stranger does not count for a standby', [standbyRow('pg2'), standbyRow('pg_receivewal')], { maxBytes: 1 }, 1],
  ])('%s', (_, standbys, limits, count) => {
    expect(exceeded(spec, standbys, limits)).toHaveLength(count);
  });
});

describe('the lag in a failover', () => {
  const standby = (name: string): FakeHost =>
    new FakeHost(name).answer(/psql/u, { stdout: JSON.stringify([{ isInRecovery: true, replication: [] }]) });

  it('is not known while nobody leads: an error for one look, and something to show for a watch', async () => {
    const failing = readLag(paperSession(spec, [standby('pg2'), standby('pg3')]));
    await expect(failing).rejects.toMatchObject({ code: 'PGS_NO_LEADER' });
    await expect(failing.catch(noPrimary)).resolves.toEqual({ noPrimary: 'pg1: no route' });
  });

  it('is told by the new primary while the old one hangs', async () => {
    const hanging = new FakeHost('pg1');
    hanging.read = () => new Promise(() => undefined);
    const row = { isInRecovery: false, replication: [standbyRow('pg2')] };
    const next = new FakeHost('pg3').answer(/psql/u, { stdout: JSON.stringify([row]) });
    const lag = await readLag(paperSession(spec, [hanging, standby('pg2'), next]), {}, 20);
    expect(lag.primary).toBe('pg3');
  });
});
