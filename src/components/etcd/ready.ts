import type { Host } from '../../host/host.ts';
import { journalTail, watchUnit } from '../../host/unit.ts';
import { waitFor } from '../../run/deadline.ts';
import { ETCD } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { readEtcd } from './client.ts';

/** Joining takes a second or two once a majority runs; the rest is for hosts that are still being changed. */
const READY_DEADLINE_MS = 120_000;

/**
 * Waits until etcd on this host is part of a majority. On the first run all members start at the same time.
 *
 * @throws PgscaleError PGS_UNIT_FAILED when systemd gave the unit up, PGS_WAIT_DEADLINE
 */
export async function etcdReady(host: Host, target: Target, signal: AbortSignal): Promise<void> {
  let problem = 'etcd does not answer';
  const refuseFailed = await watchUnit(host, ETCD.unit);
  await waitFor(
    {
      what: `etcd on ${host.name} to join a majority`,
      host: host.name,
      deadlineMs: READY_DEADLINE_MS,
      signal,
      why: async () => `${problem}\n${await journalTail(host, ETCD.unit)}`,
    },
    async () => {
      await refuseFailed();
      const { problem: found } = await readEtcd(host, target.spec, target.host);
      problem = found ?? problem;
      return found === undefined ? true : undefined;
    },
  );
}
