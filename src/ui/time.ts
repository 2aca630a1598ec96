import prettyMs from 'pretty-ms';

/** `1.5s`, `2m 3s`, `5d 4h`: the two largest units, and milliseconds only below a second. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return prettyMs(ms, { unitCount: 2, secondsDecimalDigits: ms < 60_000 ? 1 : 0 });
}

/** How long ago something was: `2m 3s ago`; `in 5d 4h` when it is still to come. */
export function age(then: Date, now: Date = new Date()): string {
  const ms = now.getTime() - then.getTime();
  return ms < 0 ? `in ${duration(-ms)}` : `${duration(ms)} ago`;
}
