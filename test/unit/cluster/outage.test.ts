import { describe, expect, it } from 'vitest';

import { outages } from '../../../src/cluster/outage.ts';
import { PROXY_TIMINGS } from '../../../src/components/haproxy/timings.ts';
import { specOf } from '../../support/target.ts';

const of = (more: Record<string, unknown> = {}, count = 3) => outages(specOf(count, more))!;

describe('what a failure costs by the spec', () => {
  it('is nothing that can be told without a standby', () => {
    expect(outages(specOf(1))).toBeUndefined();
  });

  it.each(['fast', 'normal', 'wan'])('grows from best to worst (%s)', (profile) => {
    const { crash, hostLoss, networkCut } = of({ failover: { profile } });
    for (const each of [crash, hostLoss, networkCut]) {
      expect(each.best).toBeLessThan(each.expected);
      expect(each.expected).toBeLessThan(each.worst);
    }
  });

  it('with the guard a crash costs no lease, and the loss of a host costs less on average', () => {
    const [guarded, bare] = [of(), of({ failover: { guard: false } })];
    expect(guarded.crash.expected).toBeLessThanOrEqual(2);
    expect(guarded.crash.worst).toBeLessThan(bare.crash.worst);
    expect(guarded.hostLoss.expected).toBeLessThan(bare.hostLoss.expected);
    expect(guarded.hostLoss.worst).toBeGreaterThan(20);
  });

  it('the loss of a host is what was measured in the middle (18.3 and 18.6 s), and at its best no less than Patroni waits', () => {
    const { best, expected, worst } = of().hostLoss;
    expect(expected).toBeGreaterThan(17.6);
    expect(expected).toBeLessThan(18.6);
    expect(best).toBeGreaterThan(12);
    expect(worst).toBeGreaterThan(22.8);
  });

  // A check gives up a connection after the shorter of `timeout connect` and its interval.
  it.each(['fast', 'normal', 'wan'] as const)(
    'whoever waits for a lost primary is let go before another leads (%s)',
    (profile) => {
      const { primaryFall, connectTimeoutMs, checkIntervalMs, transitionIntervalMs } = PROXY_TIMINGS[profile];
      const failedMs = Math.min(connectTimeoutMs, checkIntervalMs) + transitionIntervalMs;
      const { hostLoss } = of({ failover: { profile } });
      expect(checkIntervalMs + primaryFall * failedMs).toBeLessThan(hostLoss.best * 1000);
    },
  );

  it('the guard cannot help where nobody confirms commits', () => {
    expect(of({ replication: { synchronous: 0 } }).isGuarded).toBe(false);
  });
});
