import { parseLsn, shortOfEnd } from '../../archive/segment.ts';
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
import { CopyMeter } from '../copy-meter.ts';
import { SIDE_POSITION, type SidePosition } from './position.ts';
import { sideAccess, sideIdentities } from './access.ts';
import { restoreScript, sideConfiguration, sideUnitFile, sideUnitPath, type RestoreFiles } from './server.ts';
import { sideDirectory, sideJob, sidesDirectory, sideUnit, takesPlace, type Side } from './side.ts';

const FILES_DEADLINE_MS = 48 * 3_600_000;
const REPLAY_DEADLINE_MS = 48 * 3_600_000;

/** What a server beside the cluster is made of; `reached` is told where the replay has stopped. */
interface SideWork {
  readonly host: Host;
  readonly hostSpec: HostSpec;
  readonly side: Side;
  readonly files: RestoreFiles;
  /** Where the archive ended when the restore was planned; undefined when an earlier run has planned it. */
  readonly endLsn: number | undefined;
  readonly reached: (position: SidePosition) => void;
}

/** What is known of a copy from the start; the backup may be chosen later. */
interface ShownCopy {
  readonly host: Host;
  readonly side: Pick<Side, 'port' | 'target'> & { readonly backup?: string };
}

/** Brings the files, starts the server, and replays to the target, where it waits. Each step may be run again. */
export function sideSteps({ host, side }: ShownCopy, work: () => SideWork): Step[] {
  const at = { host: host.name };
  return [
    {
      ...at,
      id: 'restore-files',
      title: `Files of ${side.backup ?? 'the backup'} on ${host.name}`,
      deadlineMs: FILES_DEADLINE_MS,
      run: (report, signal) => bringFiles(work(), report, signal),
    },
    {
      ...at,
      id: 'restore-start',
      title: `Start on port ${side.port}, beside the cluster`,
      deadlineMs: 120_000,
      run: () => startServer(work()),
    },
    {
      ...at,
      id: 'restore-replay',
      title: `Replay of WAL to ${side.target}`,
      deadlineMs: REPLAY_DEADLINE_MS,
      run: (report, signal) => replay(work(), report, signal),
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
  const meter = new CopyMeter();
  const onProgress = (log: string): void => report(filesLine(log, meter, performance.now()));
  await followJob(host, name, { deadlineMs: FILES_DEADLINE_MS, pollMs: 500, signal, onProgress });
}

/** How far pgBackRest is, by the last line of its log: the share where the line is of a file, else the line. */
export function filesLine(log: string, meter: CopyMeter, atMs: number): string {
  const last = log.slice(log.lastIndexOf('\n') + 1);
  const [, percent] = /restore file .*\([^()]*, (\d+(?:\.\d+)?)%\)/u.exec(last) ?? [];
  return percent === undefined ? last : meter.shareLine(Number(percent), atMs);
}

/** Begins it anew, too, when it is there already: with what its control file asks for by now. */
async function startServer({ host, hostSpec, side, files: { spec } }: SideWork): Promise<void> {
  const directory = sideDirectory(spec, side.name);
  const control = await host.read(
    cmd('env', 'LC_ALL=C', `${POSTGRES.binDirectory}/pg_controldata`, `${directory}/data`),
  );
  const content = sideConfiguration(spec, hostSpec, { ...side, control: control.stdout });
  const owned = { owner: POSTGRES.user, group: POSTGRES.user, mode: '0640' };
  await host.writeFile(`${directory}/postgresql.conf`, content, owned);
  await host.writeFile(`${directory}/pg_hba.conf`, sideAccess(spec), owned);
  await host.writeFile(`${directory}/pg_ident.conf`, sideIdentities(spec), owned);
  const unit = { owner: 'root', group: 'root', mode: '0644' };
  await host.writeFile(sideUnitPath(side.name), sideUnitFile(spec, side), unit);
  await host.run(
    sh`systemctl daemon-reload; systemctl reset-failed ${sideUnit(side.name)} 2>/dev/null || true; systemctl stop ${sideUnit(side.name)}; systemctl start --no-block ${sideUnit(side.name)}`,
  );
}

async function replay(work: SideWork, report: Report, signal: AbortSignal): Promise<void> {
  const { host, side, files, endLsn, reached } = work;
  const isLatest = files.target.target.kind === 'latest';
  // A copy that is to take the cluster's place may have been promoted by an earlier run.
  const mayEnd = isLatest || takesPlace(side.name);
  const unit = sideUnit(side.name);
  const wait = {
    what: `the replay to ${side.target}`,
    host: host.name,
    deadlineMs: REPLAY_DEADLINE_MS,
    pollMs: 500,
    signal,
  };
  const position = await waitFor({ ...wait, why: () => journalTail(host, unit) }, async () => {
    await refuseEnded(host, unit, files.target.target.kind === 'time');
    const [row] =
      (await readRows(host, { port: side.port, name: 'postgres' }, SIDE_POSITION).catch(() => undefined)) ?? [];
    if (row === undefined) return undefined;
    report(`at ${row.lsn ?? 'the beginning'}, ${row.lastTransactionAt ?? 'no transaction yet'}`);
    if (row.isPaused && (await isOutgrown(host, unit))) {
      report('a parameter was raised on the way: the server is started again with the higher value');
      await startServer(work);
      return undefined;
    }
    return row.isPaused || (mayEnd && !row.isInRecovery) ? row : undefined;
  });
  const at = isLatest ? parseLsn(position.lsn ?? '') : undefined;
  const short = at === undefined || endLsn === undefined ? undefined : shortOfEnd(at, endLsn);
  if (short !== undefined) throw await endedEarly(host, unit, short);
  reached(position);
}

async function endedEarly(host: Host, unit: string, short: string): Promise<PgscaleError> {
  return new PgscaleError('PGS_RESTORE_FAILED', {
    what: `recovery on ${host.name} ended before the end of the archive`,
    host: host.name,
    why: `${short}\n${await journalTail(host, unit)}`,
    next: [
      `pgscale exec ${host.name} -- journalctl -u ${unit} -n 100`,
      'a moment before that is given by --to TIME, in place of --latest',
    ],
  });
}

/**
 * Recovery also pauses, far from its target, where the WAL tells that a parameter such as max_connections was raised. By
 * then the control file has the new value. https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN
 */
async function isOutgrown(host: Host, unit: string): Promise<boolean> {
  const answer = await host.read(
    sh`journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show -p InvocationID --value ${unit}) | grep -c 'insufficient parameter settings'`,
  );
  return Number(answer.stdout) > 0;
}

/** A server that gave up will not come by waiting: most often the WAL ended before the target. */
async function refuseEnded(host: Host, unit: string, isTime: boolean): Promise<void> {
  const state = (await host.read(sh`systemctl is-active ${unit}`)).stdout;
  if (state !== 'failed' && state !== 'inactive') return;
  const why = await journalTail(host, unit);
  throw new PgscaleError('PGS_UNIT_FAILED', {
    what: `recovery on ${host.name} ended before the target`,
    host: host.name,
    why,
    next: [
      // PostgreSQL advises to make its directory; that one is the cluster's.
      ...(why.includes('Tablespace/CREATE')
        ? [
            'A tablespace was made on the way, which cannot be replayed here: choose a moment before, or after the next backup.',
          ]
        : []),
      ...(isTime ? ['When nothing was committed behind that time, --latest gives the same.'] : []),
      '`pgscale backup list` shows what can be restored.',
      `pgscale exec ${host.name} -- journalctl -u ${unit} -n 100`,
    ],
  });
}
