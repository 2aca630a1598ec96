import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { waitFor } from '../../run/deadline.ts';
import { ETCD } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { etcdProblem } from './client.ts';

/** Joining takes a second or two once a majority runs; the rest is for hosts that are still being changed. */
const READY_DEADLINE_MS = 120_000;
const RESTARTS_THAT_MEAN_FAILURE = 3;

/**
 * Waits until etcd on this host is part of a majority. On the first run all members start at the same time.
 *
 * @throws PgscaleError PGS_UNIT_FAILED when systemd gave the unit up, PGS_WAIT_DEADLINE
 */
export async function etcdReady(host: Host, target: Target, signal: AbortSignal): Promise<void> {
  let problem = 'etcd does not answer';
  const restartsBefore = (await unitState(host)).restarts;
  await waitFor(
    {
      what: `etcd on ${host.name} to join a majority`,
      host: host.name,
      deadlineMs: READY_DEADLINE_MS,
      signal,
      why: async () => `${problem}\n${await journal(host)}`,
    },
    async () => {
      await refuseFailed(host, restartsBefore);
      const found = await etcdProblem(host, target.spec, target.host);
      problem = found ?? problem;
      return found === undefined ? true : undefined;
    },
  );
}

/** The unit is restarted for ever, so several restarts while we look mean that it cannot run. */
async function refuseFailed(host: Host, restartsBefore: number): Promise<void> {
  const { activeState, restarts } = await unitState(host);
  if (activeState !== 'failed' && restarts - restartsBefore < RESTARTS_THAT_MEAN_FAILURE) return;
  throw new PgscaleError('PGS_UNIT_FAILED', {
    what: `${ETCD.unit} on ${host.name} failed`,
    host: host.name,
    why: await journal(host),
  });
}

async function unitState(host: Host): Promise<{ activeState: string; restarts: number }> {
  const answer = await host.read(sh`systemctl show -p ActiveState -p NRestarts ${ETCD.unit}`);
  const [, activeState = 'unknown'] = /^ActiveState=(.*)$/mu.exec(answer.stdout) ?? [];
  const [, restarts = '0'] = /^NRestarts=(\d+)$/mu.exec(answer.stdout) ?? [];
  return { activeState, restarts: Number(restarts) };
}

async function journal(host: Host): Promise<string> {
  return (await host.read(sh`journalctl -u ${ETCD.unit} -n 15 --no-pager -o cat`)).stdout;
}
