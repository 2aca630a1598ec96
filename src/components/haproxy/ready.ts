import { journalTail, watchUnit } from '../../host/unit.ts';
import type { Host } from '../../host/host.ts';
import { waitFor } from '../../run/deadline.ts';
import { HAPROXY } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { readProxyStatus } from './client.ts';

/** systemd calls it ready when it listens; the rest is for a host with much to do. */
const READY_DEADLINE_MS = 30_000;

/**
 * Waits until HAProxy answers on the socket that our configuration gives it: one that runs by any other serves nobody.
 *
 * @throws PgscaleError PGS_UNIT_FAILED when systemd gave the unit up, PGS_WAIT_DEADLINE
 */
export async function haproxyReady(host: Host, _target: Target, signal: AbortSignal): Promise<void> {
  const refuseFailed = await watchUnit(host, HAPROXY.unit);
  await waitFor(
    {
      what: `HAProxy on ${host.name} to answer`,
      host: host.name,
      deadlineMs: READY_DEADLINE_MS,
      signal,
      why: () => journalTail(host, HAPROXY.unit),
    },
    async () => {
      await refuseFailed();
      return readProxyStatus(host);
    },
  );
}
