import { pgbackrest, pgbackrestProgram, type Archive } from '../../components/pgbackrest/client.ts';
import type { Route } from '../../archive/target.ts';
import { sh } from '../../host/command.ts';
import type { HostFacts } from '../../host/facts.ts';
import { renderTemplate } from '../../resources/template.ts';
import { PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { isSharedParameter, sharedParameters } from '../../spec/shared-parameters.ts';
import { sideDirectory, sidesDirectory } from '../../spec/restore-places.ts';
import { follows, INTO_NEW, sideUnit, takesPlace } from './side.ts';
import type { RestoreTarget } from './request.ts';

/** What PostgreSQL and pgBackRest call the kinds of targets. */
const TYPES = { time: 'time', lsn: 'lsn', xid: 'xid', name: 'name', latest: 'default', backup: 'immediate' } as const;

export interface RestoreFiles {
  /** Of the cluster on whose host the files are brought. */
  readonly spec: Spec;
  /** From where they come. */
  readonly archive: Archive;
  readonly name: string;
  /** The label of the backup. */
  readonly backup: string;
  /** Along which the WAL is replayed. */
  readonly timeline: number;
  readonly target: RestoreTarget;
  readonly isExclusive: boolean;
}

/**
 * The job that brings the files of the backup; run by root. The mark at the end says that they are all there. Tablespaces
 * go beside the data: where they were, the cluster's own are.
 */
export function restoreScript({ spec, archive, name, backup, timeline, target, isExclusive }: RestoreFiles): string {
  const directory = sideDirectory(spec, name);
  const type = follows(name, target.target) ? 'standby' : TYPES[target.target.kind];
  const hasEnd = type !== 'default' && type !== 'standby';
  const hasPosition = hasEnd && type !== 'immediate';
  const words = [
    'restore',
    ...ownPlaces(directory),
    `--set=${backup}`,
    `--type=${type}`,
    ...(hasPosition ? [`--target=${target.literal}`] : []),
    ...(hasPosition && isExclusive ? ['--target-exclusive'] : []),
    ...(hasEnd ? ['--target-action=pause'] : []),
    ...(type === 'immediate' ? [] : [`--target-timeline=${timeline}`]),
    ...(takesPlace(name) ? [] : ['--archive-mode=off']),
    `--tablespace-map-all=${directory}/tablespaces`,
    `--recovery-option=restore_command=${restoreCommand(archive, directory)}`,
    // A line for each file, with the share that is there by then.
    '--log-level-console=detail',
  ];
  return sh`set -eu
umask 077
rm -rf ${directory}/data ${directory}/tablespaces ${directory}/restored ${directory}/promoted
install -d -o ${POSTGRES.user} -g ${POSTGRES.user} -m 0700 ${directory}/data ${directory}/tablespaces ${directory}/spool
${pgbackrest(archive, ...words)}
touch ${directory}/restored
`.script;
}

/** Those of the cluster's own archiving stay out of it: `restore` also takes its lock and empties its spool. */
function ownPlaces(directory: string): string[] {
  return [`--pg1-path=${directory}/data`, `--spool-path=${directory}/spool`, `--lock-path=${directory}/spool`];
}

/** As PostgreSQL itself runs it, which is the postgres user already. */
function restoreCommand(archive: Archive, directory: string): string {
  return [pgbackrestProgram(archive).script, ...ownPlaces(directory), 'archive-get', '%f', '"%p"'].join(' ');
}

/**
 * The server's settings: small, read-only, and with the parameters that recovery needs at least as high as they were
 * when the WAL was written. https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN
 */
export function sideConfiguration(
  spec: Spec,
  host: HostSpec,
  side: { name: string; port: number; control: string },
): string {
  // What becomes the cluster keeps what its standbys, which were stopped a moment before the primary, still have to get.
  const keepsWal = takesPlace(side.name);
  const parameters = Object.entries(sharedParameters(spec)).filter(
    ([name]) => isSharedParameter(name) && (keepsWal || name !== 'wal_keep_size'),
  );
  const floors = controlFloors(side.control);
  const lines = parameters.map(([name, value]) => {
    const floor = floors.get(name);
    return `${name} = '${floor !== undefined && typeof value === 'number' ? Math.max(value, floor) : String(value)}'`;
  });
  const { name, port } = side;
  return renderTemplate('restore/postgresql.conf', {
    name,
    port,
    address: host.address,
    directory: sideDirectory(spec, name),
    takesPlace: takesPlace(name),
    parameters: lines,
    pki: PKI,
    postgres: POSTGRES,
  });
}

const CONTROL_NAMES: Readonly<Record<string, string>> = {
  'max_connections setting': 'max_connections',
  'max_worker_processes setting': 'max_worker_processes',
  'max_wal_senders setting': 'max_wal_senders',
  'max_prepared_xacts setting': 'max_prepared_transactions',
  'max_locks_per_xact setting': 'max_locks_per_transaction',
};

/** The parameters that pg_controldata tells of; pure. */
export function controlFloors(control: string): Map<string, number> {
  return new Map(
    control.split('\n').flatMap((line): [string, number][] => {
      const [, label = '', value = ''] = /^(.+?):\s+(\d+)$/u.exec(line) ?? [];
      const name = CONTROL_NAMES[label];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}

/** The unit that runs the server until it is dropped; it does not start by itself after a reboot. */
export function sideUnitFile(spec: Spec, { name, port }: { name: string; port: number }): string {
  const directory = sideDirectory(spec, name);
  return renderTemplate('restore/pgscale-restore.service', {
    name,
    port,
    directory,
    takesPlace: takesPlace(name),
    user: POSTGRES.user,
    group: PKI.group,
    binDirectory: POSTGRES.binDirectory,
    socketDirectory: POSTGRES.socketDirectory,
    logDirectory: PGBACKREST.logDirectory,
  });
}

export function sideUnitPath(name: string): string {
  return `/etc/systemd/system/${sideUnit(name)}`;
}

/** Ends the server of a side restore and removes all of it; its job is the caller's. */
export function removalScript(spec: Spec, name: string): string {
  return sh`systemctl stop ${sideUnit(name)} 2>/dev/null || true
systemctl reset-failed ${sideUnit(name)} 2>/dev/null || true
rm -f -- ${sideUnitPath(name)}
systemctl daemon-reload
rm -rf -- ${sideDirectory(spec, name)} ${name === INTO_NEW ? Object.values(PGBACKREST.source) : []}
rmdir --ignore-fail-on-non-empty ${sidesDirectory(spec)}`.script;
}

/** About how long files and WAL take, in ms: measured speeds of the backup, and of a replay on one core. Pure. */
export function estimateMs({ backup, walBytes }: Route, { cpuCount }: Pick<HostFacts, 'cpuCount'>): number {
  const tookSeconds = Math.max(1, (backup.stoppedAtMs - backup.startedAtMs) / 1000);
  const measured = backup.copiedBytes / tookSeconds;
  const bytesPerSecond = Math.max(measured, Math.min(cpuCount, 4) * 40 * 1024 ** 2);
  const replayBytesPerSecond = 60 * 1024 ** 2;
  return Math.round((backup.databaseBytes / bytesPerSecond + walBytes / replayBytesPerSecond) * 1000) + 3000;
}
