import { stripVTControlCharacters } from 'node:util';

import { describe, expect, it } from 'vitest';

import { assembleCluster } from '../../../src/cluster/assemble.ts';
import { unreachableReport } from '../../../src/cluster/host-report.ts';
import { renderLag } from '../../../src/ui/lag.ts';
import { renderStatus } from '../../../src/ui/status.ts';
import { healthyReports, standbyRow } from '../../support/report.ts';
import { specOf, VIPS } from '../../support/target.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

describe('status', () => {
  it('a healthy cluster and one without a host', async () => {
    const spec = specOf(3, { endpoints: VIPS });
    const reports = healthyReports(spec);
    const healthy = renderStatus(assembleCluster(spec, reports, NOW));
    reports.set('pg1', {
      ...reports.get('pg1')!,
      applied: { specDigest: undefined, changedFiles: ['/etc/pgscale/haproxy/haproxy.cfg'] },
    });
    reports.set('pg3', unreachableReport('pg3', 'pg3 (10.20.0.13:22) does not answer'));
    const text = `${healthy}\n\n=====\n${renderStatus(assembleCluster(spec, reports, NOW))}\n`;
    await expect(stripVTControlCharacters(text)).toMatchFileSnapshot('golden/status.txt');
  });
});

describe('lag', () => {
  it('a table, and what is over the limit', async () => {
    const standbys = [
      standbyRow('pg2', { syncState: 'sync', replayLagBytes: 2_500_000, replayLagSeconds: 1.25 }),
      standbyRow('pg3', { sentLagBytes: null }),
    ];
    const text = renderLag({ primary: 'pg1', standbys, exceeded: ['pg2 is 2500000 bytes behind, 0 are allowed'] });
    await expect(`${stripVTControlCharacters(text)}\n`).toMatchFileSnapshot('golden/lag.txt');
  });
});
