import { describe, expect, it } from 'vitest';

import { exceeded } from '../../../src/operations/lag.ts';
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
