import prettyBytes from 'pretty-bytes';

import { sh } from '../host/command.ts';
import { nearestParent } from '../host/nearest-parent.ts';
import { ETCD, MARKER_FILE } from '../spec/layout.ts';
import { dataDirectory } from '../spec/topology.ts';
import { error, warning, type Check, type Verdict } from './check.ts';

const MIB = 1024 ** 2;
/**
 * What a first `apply` writes: 250 MB of packages, once as archives and once unpacked; an empty cluster with WAL up to
 * max_wal_size; etcd with its snapshots.
 */
const PACKAGES_BYTES = 700 * MIB;
const DATA_BYTES = 2048 * MIB;
const ETCD_BYTES = 256 * MIB;
/** A cluster that is there needs room for new configuration files, and no more. */
const SPARE_BYTES = 64 * MIB;
const COMFORTABLE_FREE_SHARE = 0.1;

/** A place that will be written to. */
export interface DiskNeed {
  readonly path: string;
  readonly bytes: number;
}

/** The file system that holds a place, as `df` has it. */
export interface FileSystem {
  readonly path: string;
  readonly mount: string;
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** There is room for packages, data and etcd, wherever they are mounted. */
export const disk: Check = {
  id: 'disk',
  title: 'Disk space',
  run: async (reader, { spec, host }) => {
    const places = [
      { path: '/usr', bytes: PACKAGES_BYTES },
      ...(host.roles.includes('database') ? [{ path: dataDirectory(spec), bytes: DATA_BYTES }] : []),
      ...(host.roles.includes('dcs') ? [{ path: ETCD.dataDirectory, bytes: ETCD_BYTES }] : []),
    ];
    const [marker, answer] = await Promise.all([
      reader.readFile(MARKER_FILE),
      reader.read({
        script: places
          .map(
            ({ path }) =>
              sh`echo ${path} $(df --block-size=1 --output=target,size,avail ${nearestParent(path)} | tail -n 1)`
                .script,
          )
          .join('\n'),
      }),
    ]);
    const needs = marker === undefined ? places : places.map(({ path }) => ({ path, bytes: SPARE_BYTES }));
    return diskVerdicts(needs, parseFileSystems(answer.stdout));
  },
};

/** Reads lines of `path mount size free`; pure. */
export function parseFileSystems(output: string): FileSystem[] {
  return output.split('\n').flatMap((line) => {
    const [path, mount, size, free] = line.split(/\s+/u);
    if (path === undefined || mount === undefined || free === undefined) return [];
    return [{ path, mount, sizeBytes: Number(size), freeBytes: Number(free) }];
  });
}

/** Which file systems are too small for all that goes there; pure. */
export function diskVerdicts(needs: readonly DiskNeed[], found: readonly FileSystem[]): Verdict[] {
  return [...new Map(found.map((each) => [each.mount, each])).values()].flatMap(({ mount, freeBytes, sizeBytes }) => {
    const there = needs.filter(({ path }) => found.some((each) => each.path === path && each.mount === mount));
    const needed = there.reduce((sum, { bytes }) => sum + bytes, 0);
    const free = prettyBytes(freeBytes, { binary: true });
    if (freeBytes < needed) {
      const what = `has ${free} free on ${mount}, and ${prettyBytes(needed, { binary: true })} are needed for ${there.map(({ path }) => path).join(', ')}`;
      return [error('disk-full', what, `Free or add disk space on ${mount}.`)];
    }
    if (freeBytes >= sizeBytes * COMFORTABLE_FREE_SHARE) return [];
    return [warning('disk-nearly-full', `has only ${free} free on ${mount}`, `Free or add disk space on ${mount}.`)];
  });
}
