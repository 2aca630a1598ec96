import { memberOf, readEtcdMembers, removeEtcdMember } from '../../components/etcd/members.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Step } from '../../run/step.ts';
import { KEEPALIVED, PGBOUNCER } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { readTarget, type ClusterSession } from '../cluster-session.ts';
import { destroyCommand } from '../destroy.ts';

/** A pooler has 30 s for its transactions (TimeoutStopSec). */
const WITHDRAW_DEADLINE_MS = 60_000;
const WIPE_DEADLINE_MS = 5 * 60_000;

/** Takes a host's member out of etcd; who leaves has been looked at before, so that a majority stays. */
export function etcdLeaveStep(session: ClusterSession, leaving: HostSpec): Step {
  const { spec, fleet } = session;
  return {
    id: `etcd-leave:${leaving.name}`,
    title: `etcd without ${leaving.name}`,
    host: leaving.name,
    deadlineMs: 60_000,
    run: async () => {
      for (const hostSpec of hostsWithRole(spec, 'dcs')) {
        const host = fleet.hosts.get(hostSpec.name);
        if (host === undefined || hostSpec.name === leaving.name) continue;
        const members = await readEtcdMembers(host, spec, hostSpec);
        if (members === undefined) continue;
        const member = memberOf(members, spec, leaving);
        if (member !== undefined) await removeEtcdMember({ host, spec, hostSpec }, member.id);
        return;
      }
      throw new PgscaleError('PGS_QUORUM', { what: `no etcd answers that could let ${leaving.name} go` });
    },
  };
}

/**
 * Nobody comes in by this host any more: its poolers end with their transactions, then the floating addresses go to another
 * one. Before the others forget it, since a keepalived whose peers have fallen silent takes all addresses.
 */
export function withdrawStep(session: ClusterSession, leaving: HostSpec): Step {
  const poolers = PGBOUNCER.unit('*');
  return {
    id: `withdraw:${leaving.name}`,
    title: `Pooler and addresses leave ${leaving.name}`,
    host: leaving.name,
    deadlineMs: WITHDRAW_DEADLINE_MS + 10_000,
    interruption: `clients that came in by ${leaving.name} connect again`,
    run: async () => {
      // Also after a restart of the host; `apply` starts it again when the removal is given up.
      await session.host(leaving.name).run(
        sh`systemctl stop ${poolers}
if systemctl cat ${KEEPALIVED.unit} >/dev/null 2>&1; then systemctl disable --now ${KEEPALIVED.unit}; fi`,
        { deadlineMs: WITHDRAW_DEADLINE_MS },
      );
    },
  };
}

/** Removes from a host all that `apply` made there. @param session with the spec that the host is still part of */
export function wipeStep(session: ClusterSession, leaving: HostSpec, keepData: boolean): Step {
  return {
    id: `wipe:${leaving.name}`,
    title: `Remove everything from ${leaving.name}`,
    host: leaving.name,
    deadlineMs: WIPE_DEADLINE_MS,
    run: async () => {
      const target = await readTarget(session, leaving);
      await session.host(leaving.name).run(destroyCommand(target, keepData), { deadlineMs: WIPE_DEADLINE_MS });
    },
  };
}
