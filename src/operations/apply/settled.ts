import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { readMember } from '../../components/patroni/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';

import { waitFor } from '../../run/deadline.ts';
import type { Stage } from '../../run/step.ts';
import { PATRONI } from '../../spec/layout.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { readRows, type Query } from '../../sql/psql.ts';
import type { HostSurvey, Survey } from '../survey.ts';
import { findLeader } from './primary.ts';
import { journalTail } from './unit-failure.ts';

const SETTLE_DEADLINE_MS = 180_000;
const FAILED_START_GRACE_MS = 12_000;

const rowSchema = z.object({ streaming: z.number(), synchronous: z.number() });

const streamingStandbys: Query<z.output<typeof rowSchema>> = {
  row: rowSchema,
  text: `select count(*) filter (where state = 'streaming')::int as streaming,
    count(*) filter (where sync_state in ('sync', 'quorum'))::int as synchronous from pg_stat_replication
    where application_name not like 'seed_%' and application_name <> 'pg_basebackup'`,
};

/** The end of a run: every standby streams, and as many confirm commits as the spec wants. */
export function settledStage(survey: Survey): Stage {
  const { spec } = survey.session;
  const wanted = hostsWithRole(spec, 'database').length - 1;
  return {
    title: 'Cluster',
    steps: [
      {
        id: 'settled',
        title:
          wanted === 0
            ? 'The primary takes writes'
            : `${wanted} ${wanted === 1 ? 'standby streams' : 'standbys stream'}`,
        deadlineMs: SETTLE_DEADLINE_MS + 10_000,
        run: async (report, signal) => {
          const members = survey.hosts.filter((each) => each.member !== undefined);
          let seen = 'no primary';
          await waitFor(
            {
              what: 'the standbys to stream',
              deadlineMs: SETTLE_DEADLINE_MS,
              pollMs: 500,
              signal,
              why: async () => seen,
            },
            async () => {
              await refuseFailedMembers(members);
              const row = await streaming(members);
              if (row === undefined) return undefined;
              seen = `${row.streaming} of ${wanted} standbys stream, ${row.synchronous} of ${spec.replication.synchronous} synchronous`;
              report(seen);
              return row.streaming >= wanted && row.synchronous >= spec.replication.synchronous ? row : undefined;
            },
          );
        },
      },
    ],
  };
}

/** Patroni tries a start again at each loop; one that failed twice in a row will not come by waiting. */
async function refuseFailedMembers(members: readonly HostSurvey[]): Promise<void> {
  for (const { host, target } of members) {
    const first = await readMember(host, target);
    if (first?.state !== 'start failed') continue;
    await sleep(FAILED_START_GRACE_MS);
    const second = await readMember(host, target);
    if (second?.state !== 'start failed') continue;
    throw new PgscaleError('PGS_UNIT_FAILED', {
      what: `PostgreSQL on ${host.name} does not start`,
      host: host.name,
      why: await journalTail(host, PATRONI.unit),
      next: [`pgscale exec ${host.name} -- journalctl -u ${PATRONI.unit} -n 100`],
    });
  }
}

async function streaming(members: readonly HostSurvey[]): Promise<z.output<typeof rowSchema> | undefined> {
  const leader = await findLeader(members);
  if (leader === undefined) return undefined;
  const rows = await readRows(
    leader.host,
    { port: leader.target.spec.postgres.port, name: 'postgres' },
    streamingStandbys,
  );
  return rows?.[0];
}
