import { error, warning, type CheckFinding } from './check.ts';

/** Certificates, leases and recovery targets all need clocks that agree. */
const ERROR_SKEW_MS = 10_000;
const WARNING_SKEW_MS = 500;

/** Compares the clocks of the hosts with their median, so that the one that is off is named; pure. */
export function clockFindings(skews: readonly { host: string; skewMs: number }[]): CheckFinding[] {
  const sorted = skews.map(({ skewMs }) => skewMs).toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return skews.flatMap(({ host, skewMs }) => {
    const offMs = skewMs - median;
    if (Math.abs(offMs) < WARNING_SKEW_MS) return [];
    const what = `its clock is ${Math.abs(Math.round(offMs / 100) / 10)} s ${offMs > 0 ? 'ahead of' : 'behind'} the others`;
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
