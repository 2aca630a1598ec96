import { sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { followJob, startJob } from '../../host/job.ts';
import { lastLine } from '../../host/text.ts';
import type { Report, Step } from '../../run/step.ts';
import { POSTGRES } from '../../spec/layout.ts';
import { CopyMeter } from '../copy-meter.ts';
import { filesLine } from '../files-line.ts';
import { replay, REPLAY_DEADLINE_MS } from './replay.ts';
import { restoreScript } from './server.ts';
import { sideDirectory, sidesDirectory } from '../../spec/restore-places.ts';
import { sideJob, sideUnit, type Side } from './side.ts';
import { startServer, type SideWork } from './start-server.ts';

const FILES_DEADLINE_MS = 48 * 3_600_000;

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

async function bringFiles(
  { host, side, files, databaseBytes }: SideWork,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const directory = sideDirectory(files.spec, side.name);
  const owner = { owner: POSTGRES.user, group: POSTGRES.user };
  await host.run(sh`systemctl stop ${sideUnit(side.name)} 2>/dev/null || true
install -d -o ${owner.owner} -g ${owner.group} -m 0700 ${sidesDirectory(files.spec)} ${directory}`);
  await host.writeFile(`${directory}/restore.json`, `${JSON.stringify(side)}\n`, { ...owner, mode: '0640' });
  const name = sideJob(side.name);
  await startJob(host, { name, script: restoreScript(files) });
  const meter = new CopyMeter();
  const onProgress = (log: string): void =>
    report(filesLine({ log, totalBytes: databaseBytes }, meter, performance.now()) ?? lastLine(log));
  await followJob(host, name, { deadlineMs: FILES_DEADLINE_MS, pollMs: 500, signal, onProgress });
}
