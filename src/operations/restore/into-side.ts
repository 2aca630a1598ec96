import { z } from 'zod';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { readFacts } from '../../host/facts.ts';
import { cmd, sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { followJob, startJob } from '../../host/job.ts';
import { waitFor } from '../../run/deadline.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { Report, Step } from '../../run/step.ts';
import { POSTGRES } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { nameSchema } from '../../spec/values.ts';
import { readRows } from '../../sql/psql.ts';
import { journalTail } from '../apply/unit-failure.ts';
import { audited } from '../audited.ts';
import { backupHost, backupSpecOf } from '../backup/session.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { SIDE_POSITION, type SidePosition } from './position.ts';
import { planRestore, type RestorePlan } from './preflight.ts';
import { targetText, type RestoreTarget } from './request.ts';
import {
  estimateMs,
  restoreScript,
  sideConfiguration,
  sideUnitFile,
  sideUnitPath,
  type RestoreFiles,
} from './server.ts';
import { sideDirectory, sideJob, sidesDirectory, sideUnit, type Side } from './side.ts';
import { listSides } from './sides.ts';

export interface SideOptions {
  target: RestoreTarget;
  timeline?: number | undefined;
  isExclusive: boolean;
  /** What it is called; also the key by which an interrupted restore is found again. */
  name: string;
  host?: string | undefined;
  port?: number | undefined;
  /** Asked with what will be done before anything is. */
  confirm: (plan: SidePlan) => Promise<void>;
  run: RunOptions;
}

/** What a side restore will do. */
export interface SidePlan {
  readonly side: Side;
  readonly plan: RestorePlan;
  readonly estimateMs: number;
}

export interface SideRestored extends Side {
  readonly url: string;
  readonly directory: string;
  /** What it was restored to. */
  readonly restoredTo: SidePosition;
  readonly durationMs: number;
}

const FILES_DEADLINE_MS = 48 * 3_600_000;
const REPLAY_DEADLINE_MS = 48 * 3_600_000;
const PORTS = { first: 5532, last: 5631 };

/**
 * Restores the cluster as it was at a moment into a server of its own beside it: on one host, on another port, outside
 * Patroni, not archiving, read-only. The cluster is not touched. Run again after an interruption it goes on.
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_RESTORE_TARGET, PGS_RESTORE_SPACE, PGS_RESTORE_EXISTS, PGS_JOB_FAILED,
 * PGS_UNIT_FAILED (recovery ended before the target)
 */
export async function restoreIntoSide(session: ClusterSession, options: SideOptions): Promise<SideRestored> {
  const startedAt = performance.now();
  backupSpecOf(session.spec);
  if (!nameSchema.safeParse(options.name).success) {
    throw new PgscaleError('PGS_USAGE', {
      what: `--as ${options.name} is no name: a lower-case letter, then letters, digits, - or _`,
    });
  }
  const host = await backupHost(session, options.host);
  await refuseTaken(session, options, host.name);
  const plan = await planRestore(session, host, options.target.target, options.timeline);
  const [hostSpec] = chosenHosts(session.spec, { names: [host.name] });
  if (hostSpec === undefined) throw new Error(`${host.name} is in the spec`);
  const side: Side = {
    name: options.name,
    host: host.name,
    port: options.port ?? (await freePort(host)),
    target: targetText(options.target),
    backup: plan.route.backup.label,
    timeline: plan.route.timeline,
    createdAt: new Date().toISOString(),
  };
  const facts = await readFacts(host, hostSpec.address);
  await options.confirm({ side, plan, estimateMs: estimateMs(plan.route, facts) });
  const files = {
    spec: session.spec,
    name: side.name,
    route: plan.route,
    target: options.target,
    isExclusive: options.isExclusive,
  };
  const changes = [`side restore ${side.name} on ${host.name}: ${side.target}`];
  let restoredTo: SidePosition | undefined;
  const reached = (position: SidePosition): void => void (restoredTo = position);
  await audited(session, { command: 'restore', changes }, () =>
    runStages(
      [{ title: 'Restore', steps: steps({ host, hostSpec, side, files, reached }), serial: true }],
      options.run,
    ),
  );
  if (restoredTo === undefined) throw new Error('the last step gives the position');
  const directory = sideDirectory(session.spec, side.name);
  const durationMs = Math.round(performance.now() - startedAt);
  return { ...side, url: urlOf(session, hostSpec, side.port), directory, restoredTo, durationMs };
}

/** One that is running already is not replaced; one that was interrupted is. */
async function refuseTaken(session: ClusterSession, { name, target }: SideOptions, host: string): Promise<void> {
  const taken = (await listSides(session)).find((side) => side.name === name);
  if (taken === undefined || (taken.position === null && taken.host === host && taken.target === targetText(target)))
    return;
  throw new PgscaleError('PGS_RESTORE_EXISTS', {
    what: `there is a side restore ${name} on ${taken.host} already (${taken.target})`,
    host: taken.host,
    next: [`pgscale restore drop ${name}`, 'or give another name with --as NAME'],
  });
}

interface Work {
  readonly host: Host;
  readonly hostSpec: HostSpec;
  readonly side: Side;
  readonly files: RestoreFiles;
  readonly reached: (position: SidePosition) => void;
}

function steps(work: Work): Step[] {
  const { host, side } = work;
  const at = { host: host.name };
  return [
    {
      ...at,
      id: 'restore-files',
      title: `Files of ${side.backup} on ${host.name}`,
      deadlineMs: FILES_DEADLINE_MS,
      run: (report, signal) => bringFiles(work, report, signal),
    },
    {
      ...at,
      id: 'restore-start',
      title: `Start on port ${side.port}, beside the cluster`,
      deadlineMs: 120_000,
      run: () => startServer(work),
    },
    {
      ...at,
      id: 'restore-replay',
      title: `Replay of WAL to ${side.target}`,
      deadlineMs: REPLAY_DEADLINE_MS,
      run: (report, signal) => replay(work, report, signal),
    },
  ];
}

async function bringFiles({ host, side, files }: Work, report: Report, signal: AbortSignal): Promise<void> {
  const directory = sideDirectory(files.spec, side.name);
  const owner = { owner: POSTGRES.user, group: POSTGRES.user };
  await host.run(sh`systemctl stop ${sideUnit(side.name)} 2>/dev/null || true
install -d -o ${owner.owner} -g ${owner.group} -m 0700 ${sidesDirectory(files.spec)} ${directory}`);
  await host.writeFile(`${directory}/restore.json`, `${JSON.stringify(side)}\n`, { ...owner, mode: '0640' });
  const name = sideJob(side.name);
  await startJob(host, { name, script: restoreScript(files) });
  const onProgress = (log: string): void => report(log.slice(log.lastIndexOf('\n') + 1));
  await followJob(host, name, { deadlineMs: FILES_DEADLINE_MS, pollMs: 500, signal, onProgress });
}

async function startServer({ host, hostSpec, side, files: { spec } }: Work): Promise<void> {
  const directory = sideDirectory(spec, side.name);
  const control = await host.read(
    cmd('env', 'LC_ALL=C', `${POSTGRES.binDirectory}/pg_controldata`, `${directory}/data`),
  );
  const content = sideConfiguration(spec, hostSpec, { ...side, control: control.stdout });
  const owned = { owner: POSTGRES.user, group: POSTGRES.user, mode: '0640' };
  await host.writeFile(`${directory}/postgresql.conf`, content, owned);
  const unit = { owner: 'root', group: 'root', mode: '0644' };
  await host.writeFile(sideUnitPath(side.name), sideUnitFile(spec, side), unit);
  await host.run(
    sh`systemctl daemon-reload; systemctl reset-failed ${sideUnit(side.name)} 2>/dev/null || true; systemctl start --no-block ${sideUnit(side.name)}`,
  );
}

async function replay({ host, side, files, reached }: Work, report: Report, signal: AbortSignal): Promise<void> {
  const isLatest = files.target.target.kind === 'latest';
  const unit = sideUnit(side.name);
  const wait = {
    what: `the replay to ${side.target}`,
    host: host.name,
    deadlineMs: REPLAY_DEADLINE_MS,
    pollMs: 500,
    signal,
  };
  const position = await waitFor({ ...wait, why: () => journalTail(host, unit) }, async () => {
    await refuseEnded(host, unit);
    const [row] =
      (await readRows(host, { port: side.port, name: 'postgres' }, SIDE_POSITION).catch(() => undefined)) ?? [];
    if (row === undefined) return undefined;
    report(`at ${row.lsn ?? 'the beginning'}, ${row.lastTransactionAt ?? 'no transaction yet'}`);
    return row.isPaused || (isLatest && !row.isInRecovery) ? row : undefined;
  });
  reached(position);
}

/** A server that gave up will not come by waiting: most often the WAL ended before the target. */
async function refuseEnded(host: Host, unit: string): Promise<void> {
  const state = (await host.read(sh`systemctl is-active ${unit}`)).stdout;
  if (state !== 'failed' && state !== 'inactive') return;
  throw new PgscaleError('PGS_UNIT_FAILED', {
    what: `recovery on ${host.name} ended before the target`,
    host: host.name,
    why: await journalTail(host, unit),
    next: [
      '`pgscale backup list` shows what can be restored.',
      `pgscale exec ${host.name} -- journalctl -u ${unit} -n 100`,
    ],
  });
}

async function freePort(host: Host): Promise<number> {
  const answer = await host.read(cmd('ss', '-Hltn'));
  const taken = new Set([...answer.stdout.matchAll(/:(\d+)\s/gu)].map(([, port]) => z.coerce.number().parse(port)));
  for (let port = PORTS.first; port <= PORTS.last; port += 1) if (!taken.has(port)) return port;
  throw new PgscaleError('PGS_RESTORE_SPACE', {
    what: `no port from ${PORTS.first} to ${PORTS.last} is free`,
    host: host.name,
  });
}

function urlOf({ spec }: ClusterSession, { address }: HostSpec, port: number): string {
  const [database] = spec.databases;
  const role = database?.owner ?? 'postgres';
  return `postgres://${role}@${address.includes(':') ? `[${address}]` : address}:${port}/${database?.name ?? 'postgres'}?sslmode=require`;
}
