import { seedDirectory } from '../cluster/member-state.ts';
import type { Target } from '../components/component.ts';
import { layers } from '../components/index.ts';
import { scratchDirectory } from '../components/pgbackrest/drill.ts';
import { sh, type Command } from '../host/command.ts';
import { runStages, type RunOptions } from '../run/run-stages.ts';
import type { Stage } from '../run/step.ts';
import { ETC, ETCD, MARKER_FILE, STATE_DIRECTORY } from '../spec/layout.ts';
import { sidesDirectory } from '../spec/restore-places.ts';
import { dataDirectory } from '../spec/topology.ts';
import { takeClusterLock } from './apply/index.ts';
import { openCluster, readTargets, type ClusterSession, type SessionOptions } from './cluster-session.ts';
import { sideUnitPath } from './restore/server.ts';

const DESTROY_DEADLINE_MS = 5 * 60_000;

export interface DestroyOptions extends SessionOptions {
  run: RunOptions;
  lockWaitMs: number;
  /** Leave the data directories of PostgreSQL where they are. */
  keepData: boolean;
  /** Asked with what will be destroyed; throws when the answer is no. */
  confirm: (what: Destruction) => Promise<void>;
}

/** What `destroy` takes away. */
export interface Destruction {
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly dataDirectory: string | undefined;
}

/**
 * Undoes what `apply` made: services, files, users' data. Packages stay; they were not here alone. A host that belongs to
 * another cluster, or to none, is left alone.
 */
export async function destroy(options: DestroyOptions): Promise<Destruction> {
  await using session = await openCluster(options);
  await using _lock = await takeClusterLock(session, 'destroy', {
    forMs: options.lockWaitMs,
    signal: options.run.signal,
  });
  const targets = await ownTargets(session);
  const { spec } = session;
  const destruction = {
    cluster: spec.cluster,
    hosts: targets.map(({ host }) => host.name),
    dataDirectory: options.keepData ? undefined : dataDirectory(spec),
  };
  await options.confirm(destruction);
  await runStages([destroyStage(session, targets, options.keepData)], options.run);
  return destruction;
}

/** The hosts whose marker names this cluster. */
async function ownTargets(session: ClusterSession): Promise<Target[]> {
  const targets = await readTargets(session);
  const markers = await Promise.all(targets.map(({ host }) => session.host(host.name).readFile(MARKER_FILE)));
  return targets.filter((_, index) => markers[index]?.content.includes(`"cluster":"${session.spec.cluster}"`));
}

function destroyStage(session: ClusterSession, targets: readonly Target[], keepData: boolean): Stage {
  return {
    title: 'Destroy',
    steps: targets.map((target) => ({
      id: `destroy:${target.host.name}`,
      title: `Remove everything from ${target.host.name}`,
      host: target.host.name,
      deadlineMs: DESTROY_DEADLINE_MS,
      run: async () => {
        await session.host(target.host.name).run(destroyCommand(target, keepData), { deadlineMs: DESTROY_DEADLINE_MS });
      },
    })),
  };
}

/** The resources say what there is to remove, so that a new component is covered without a line here. Pure. */
export function destroyCommand(target: Target, keepData: boolean): Command {
  const ids = layers(target).flatMap((layer) => layer.resources.map((each) => each.id));
  const ofKind = (kind: string): string[] =>
    ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  const units = ofKind('service').toReversed();
  const files = ofKind('file').filter((path) => !path.startsWith(`${ETC}/`));
  const sysctls = ofKind('sysctl').map((name) => `/etc/sysctl.d/${name}.conf`);
  const { spec } = target;
  // What a restore in place has put aside stays: it may be all that is left of something, and goes by `restore --discard-old`.
  const copies = [seedDirectory(target), sidesDirectory(spec), scratchDirectory(spec)];
  const data = keepData ? [] : [dataDirectory(spec), ...copies];
  return sh`systemctl stop 'pgscale-*.service' 2>/dev/null || true
for unit in ${units}; do systemctl disable --now "$unit" 2>/dev/null || true; systemctl reset-failed "$unit" 2>/dev/null || true; done
for path in ${[...files, ...sysctls]}; do rm -f -- "$path"; rmdir -- "$(dirname -- "$path")" 2>/dev/null || true; done
rm -f -- ${{ script: sideUnitPath('*') }}
systemctl daemon-reload
rm -rf -- ${[...data, ETCD.dataDirectory, STATE_DIRECTORY]}
rm -rf -- ${ETC}`;
}
