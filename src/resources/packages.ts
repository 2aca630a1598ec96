import { sh } from '../host/command.ts';
import type { Host, Reader } from '../host/host.ts';
import { followJob, joinJob, startJob, type FollowOptions } from '../host/job.ts';
import { APT_LOCK_HOLDER } from './apt-lock.ts';
import { resource, UNWATCHED, type Progress, type Resource } from './resource.ts';

/** Several components may ask for one package; the highest floor counts. */
export interface PackageState {
  /** Installed packages with their versions. */
  installed: ReadonlyMap<string, string>;
  /** Packages whose version is below the floor, as dpkg compares. */
  belowFloor: ReadonlySet<string>;
}

/** unattended-upgrades or somebody's own apt may be at work; two minutes are enough for most of what they do. */
const APT_LOCK_DEADLINE_S = 120;
const PACKAGE_INSTALL_DEADLINE_MS = 20 * 60_000;
const LISTS_DEADLINE_MS = 300_000;
const INSTALLED_FORMAT = '${db:Status-Abbrev} ${Package} ${Version}\\n';
const INSTALL_JOB = 'install-packages';

/**
 * Debian packages, all in one apt run, as a job on the host: losing SSH does not leave dpkg half-way. Services that
 * packages bring are not started by the installation, because pgscale configures them first.
 */
export function packages(needs: readonly { name: string; floor?: string }[]): Resource {
  const names = needs.map((need) => need.name);
  const read = async (reader: Reader): Promise<PackageState> => {
    const answer = await reader.read(
      sh`dpkg-query -W -f=${INSTALLED_FORMAT} ${names} 2>/dev/null | while read -r status name version; do [ "$status" = ii ] || continue; verdict=ok; case $name in ${{ script: floorCases(needs) }} *) ;; esac; printf '%s %s %s\n' "$name" "$version" "$verdict"; done`,
    );
    const rows = answer.stdout.split('\n').map((line) => line.split(' '));
    return {
      installed: new Map(rows.map(([name = '', version = '']) => [name, version])),
      belowFloor: new Set(rows.filter(([, , verdict]) => verdict === 'low').map(([name = '']) => name)),
    };
  };
  return resource<PackageState>({
    id: 'packages',
    read,
    diff: (actual) => {
      const wanted = missing(names, actual);
      return wanted.length === 0 ? undefined : { action: 'install', summary: `install ${wanted.join(', ')}` };
    },
    apply: async (host, _actual, progress = UNWATCHED) => {
      await joinInstallation(host, progress);
      // A job that an earlier run left may have ended since the state was read, and may have had another list.
      const left = missing(names, await read(host));
      if (left.length > 0) await install(host, left, progress);
    },
  });
}

function missing(names: readonly string[], actual: PackageState): string[] {
  return names.filter((name) => !actual.installed.has(name) || actual.belowFloor.has(name));
}

function floorCases(needs: readonly { name: string; floor?: string }[]): string {
  return needs
    .flatMap(({ name, floor }) =>
      floor === undefined
        ? []
        : [sh`${name}) dpkg --compare-versions "$version" ge ${`${floor}~`} || verdict=low ;;`.script],
    )
    .join(' ');
}

/** Brings packages to the version that apt offers, with all that they need. */
export async function installPackages(host: Host, names: readonly string[], progress: Progress): Promise<void> {
  // A job that an earlier run left may have had another list.
  await joinInstallation(host, progress);
  await install(host, names, progress);
}

/** Has apt fetch its lists. @throws PgscaleError PGS_REMOTE_COMMAND when a repository does not answer */
export async function refreshPackageLists(host: Host): Promise<void> {
  await host.run(sh`apt-get -q -o DPkg::Lock::Timeout=${APT_LOCK_DEADLINE_S} -o APT::Update::Error-Mode=any update`, {
    deadlineMs: LISTS_DEADLINE_MS,
  });
}

async function joinInstallation(host: Host, progress: Progress): Promise<void> {
  const onJoin = (): void => progress.report('following the installation that an earlier run began');
  await joinJob(host, INSTALL_JOB, { ...following(progress), onJoin });
}

async function install(host: Host, names: readonly string[], progress: Progress): Promise<void> {
  await startJob(host, { name: INSTALL_JOB, script: installScript(names) });
  await followJob(host, INSTALL_JOB, following(progress));
}

function following({ report, signal }: Progress): FollowOptions {
  const onProgress = (log: string): void => report(aptLine(log));
  return { deadlineMs: PACKAGE_INSTALL_DEADLINE_MS, pollMs: 500, signal, onProgress };
}

/**
 * `installing 55 %: Configuring libpq5 (amd64)`: apt's latest word on its progress, else the last line of its log. Pure.
 * https://salsa.debian.org/apt-team/apt/-/blob/main/README.progress-reporting
 */
export function aptLine(log: string): string {
  const lines = log.split('\n');
  for (const line of lines.toReversed()) {
    const [, phase, percent, text] = /^(dl|pm)status:.*?:(\d+\.\d+):(.*)$/u.exec(line) ?? [];
    if (percent === undefined) continue;
    return `${phase === 'dl' ? 'downloading' : 'installing'} ${Math.floor(Number(percent))} %: ${text ?? ''}`;
  }
  return lines.at(-1) ?? '';
}

/** policy-rc.d is Debian's own way to keep services from starting: https://manpages.debian.org/policy-rc.d */
function installScript(names: readonly string[]): string {
  return sh`set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
${{ script: APT_LOCK_HOLDER }}
waited=0
while holder=$(apt_lock_holder) && [ -n "$holder" ]; do
  if [ $waited -ge ${APT_LOCK_DEADLINE_S} ]; then echo "apt is still in use by $holder after ${APT_LOCK_DEADLINE_S} s" >&2; exit 1; fi
  [ $((waited % 5)) -ne 0 ] || echo "waiting for apt, which is in use by $holder"
  sleep 1
  waited=$((waited + 1))
done
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ] || grep -q 'Managed by pgscale' $policy; then
  printf '#!/bin/sh\n# Managed by pgscale, only while packages are installed\nexit 101\n' >$policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
mkdir -p /etc/postgresql-common/createcluster.d
printf '# Managed by pgscale: Patroni makes the data directory\ncreate_main_cluster = false\n' >/etc/postgresql-common/createcluster.d/pgscale.conf
dpkg --configure -a
find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin -1440 | grep -q . || apt-get -q -o DPkg::Lock::Timeout=${APT_LOCK_DEADLINE_S} update
apt-get -q -y -o DPkg::Lock::Timeout=${APT_LOCK_DEADLINE_S} -o APT::Status-Fd=1 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef --no-install-recommends install ${names}
`.script;
}
