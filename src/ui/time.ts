import prettyMs from 'pretty-ms';

/** `1.5s`, `2m 3s`, `5d 4h`: the two largest units, and milliseconds only below a second. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return prettyMs(ms, { unitCount: 2, secondsDecimalDigits: ms < 60_000 ? 1 : 0 });
}

/** `2026-11-24 07:30:05`, in UTC. */
export function moment(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}
