import { error, warning, type CheckFinding } from './check.ts';

/** Certificates, leases and recovery targets all need clocks that agree. */
const ERROR_SKEW_MS = 10_000;
const WARNING_SKEW_MS = 500;

/**
 * Compares the clocks of the hosts with their median, so that the one that is off is named. One or two hosts have no
 * majority: there the clock of this machine counts, too. `skewMs`: how far a host is ahead of this machine. Pure.
 */
export function clockFindings(skews: readonly { host: string; skewMs: number }[]): CheckFinding[] {
  const all = skews.map(({ skewMs }) => skewMs);
  const median = skews.length === 1 ? 0 : medianOf(skews.length === 2 ? [...all, 0] : all);
  return skews.flatMap(({ host, skewMs }) => {
    const offMs = skewMs - median;
    if (Math.abs(offMs) < WARNING_SKEW_MS) return [];
    const what = `its clock is ${Math.abs(Math.round(offMs / 100) / 10)} s ${offMs > 0 ? 'ahead of' : 'behind'} ${skews.length === 1 ? 'that of this machine' : 'the others'}`;
    const make = Math.abs(offMs) >= ERROR_SKEW_MS ? error : warning;
    return [
      {
        host,
        ...make(
          'clock-skew',
          what,
          'Set up time synchronisation: `apt-get install systemd-timesyncd`, `timedatectl set-ntp true`.',
        ),
      },
    ];
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
