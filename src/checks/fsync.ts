import { dirname } from 'node:path/posix';

import { sh, type Command } from '../host/command.ts';
import { nearestParent } from '../host/nearest-parent.ts';
import { ETCD } from '../spec/layout.ts';
import { dataDirectory } from '../spec/topology.ts';
import { warning, type Check, type Verdict } from './check.ts';

/** etcd wants the 99th percentile of a WAL fsync below 10 ms: https://etcd.io/docs/v3.5/faq/ */
const SLOW_FSYNC_MS = 10;
const WRITES = 100;

/** How long a small synchronous write takes on the disks that the WAL and etcd (will) use. */
export const fsyncLatency: Check = {
  id: 'fsync',
  title: 'fsync latency for etcd and WAL',
  isThorough: true,
  run: async (reader, { spec, host }) => {
    const places = [
      ...(host.roles.includes('database') ? [dataDirectory(spec)] : []),
      ...(host.roles.includes('dcs') ? [dirname(ETCD.dataDirectory)] : []),
    ];
    const found: Verdict[] = [];
    // One after the other: two at once would measure each other.
    for (const place of places) {
      const answer = await reader.read(measurement(place));
      found.push(...fsyncVerdicts(Number(answer.stdout) / 1e6, place));
    }
    return found;
  },
};

/** A base backup leaves out files with this beginning, and could not read one of root's. */
function measurement(place: string): Command {
  return sh`f=$(mktemp ${nearestParent(place)}/pgsql_tmp.pgscale-fsync.XXXXXX) || exit 1
trap 'rm -f -- "$f"' EXIT
s=$(date +%s%N) && dd if=/dev/zero of="$f" bs=8k count=${WRITES} oflag=dsync status=none && e=$(date +%s%N) && echo $(( (e - s) / ${WRITES} ))`;
}

/** Judges the mean time of one write; pure. */
export function fsyncVerdicts(meanMs: number, place: string): Verdict[] {
  if (!Number.isFinite(meanMs) || meanMs <= SLOW_FSYNC_MS) return [];
  const what = `a synchronous write takes ${meanMs.toFixed(1)} ms on average on the disk of ${place}`;
  return [
    warning(
      'fsync-slow',
      what,
      `Use a faster disk: etcd wants less than ${SLOW_FSYNC_MS} ms, and every commit waits for one.`,
    ),
  ];
}
