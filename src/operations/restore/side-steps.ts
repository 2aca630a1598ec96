import { PgscaleError } from '../../errors/pgscale-error.ts';
import { cmd, sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { followJob, startJob } from '../../host/job.ts';
import { journalTail } from '../../host/unit.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report, Step } from '../../run/step.ts';
import { POSTGRES } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { readRows } from '../../sql/psql.ts';
import { SIDE_POSITION, type SidePosition } from './position.ts';
import { restoreScript, sideConfiguration, sideUnitFile, sideUnitPath, type RestoreFiles } from './server.ts';
import { IN_PLACE, sideDirectory, sideJob, sidesDirectory, sideUnit, type Side } from './side.ts';

const FILES_DEADLINE_MS = 48 * 3_600_000;
const REPLAY_DEADLINE_MS = 48 * 3_600_000;

/** What a server beside the cluster is made of; `reached` is told where the replay has stopped. */
interface SideWork {
  readonly host: Host;
  readonly hostSpec: HostSpec;
  readonly side: Side;
  readonly files: RestoreFiles;
  readonly reached: (position: SidePosition) => void;
}

/** Brings the files, starts the server, and replays to the target, where it waits. Each step may be run again. */
export function sideSteps(work: SideWork): Step[] {
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

async function bringFiles({ host, side, files }: SideWork, report: Report, signal: AbortSignal): Promise<void> {
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

async function startServer({ host, hostSpec, side, files: { spec } }: SideWork): Promise<void> {
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

async function replay({ host, side, files, reached }: SideWork, report: Report, signal: AbortSignal): Promise<void> {
  // A copy that is to take the cluster's place may have been promoted by an earlier run.
  const mayEnd = files.target.target.kind === 'latest' || side.name === IN_PLACE;
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
    return row.isPaused || (mayEnd && !row.isInRecovery) ? row : undefined;
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
