import { sh } from '../host/command.ts';
import { warning, type Check, type Verdict } from './check.ts';

/** etcd wants the 99th percentile of a WAL fsync below 10 ms: https://etcd.io/docs/v3.5/faq/ */
const SLOW_FSYNC_MS = 10;
const WRITES = 100;

/** How long a small synchronous write takes on the disk that etcd and the WAL will use. */
export const fsyncLatency: Check = {
  id: 'fsync',
  title: 'fsync latency for etcd and WAL',
  isThorough: true,
  run: async (reader) => {
    const answer = await reader.read(
      sh`f=$(mktemp /var/lib/pgscale-fsync.XXXXXX) && s=$(date +%s%N) && dd if=/dev/zero of="$f" bs=8k count=${WRITES} oflag=dsync status=none; e=$(date +%s%N); rm -f "$f"; echo $(( (e - s) / ${WRITES} ))`,
    );
    return fsyncVerdicts(Number(answer.stdout) / 1e6);
  },
};

/** Judges the mean time of one write; pure. */
export function fsyncVerdicts(meanMs: number): Verdict[] {
  if (!Number.isFinite(meanMs) || meanMs <= SLOW_FSYNC_MS) return [];
  const what = `a synchronous write takes ${meanMs.toFixed(1)} ms on average`;
  return [
    warning(
      'fsync-slow',
      what,
      `Use a faster disk: etcd wants less than ${SLOW_FSYNC_MS} ms, and every commit waits for one.`,
    ),
  ];
}
