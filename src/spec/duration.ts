import { PgscaleError } from '../errors/pgscale-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Each of these durations becomes a timer, and one that is to last longer than 2^31 - 1 ms goes off at once. */
const LONGEST_DAYS = 24;

/** `90s`, `10m`, `1h30m` as milliseconds. @throws PgscaleError PGS_USAGE for anything else, and for more than 24 days. */
export function parseDurationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)/gu)];
  const isWhole =
    parts.length > 0 && parts.map(([whole]) => whole).join('') === text.replaceAll(/(?<=[a-z])\s+/gu, '').trim();
  if (!isWhole)
    throw new PgscaleError('PGS_USAGE', {
      what: `not a duration: ${text}`,
      next: ['Write it like 90s, 10m or 1h30m.'],
    });
  const durationMs = parts.reduce(
    (sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0),
    0,
  );
  if (durationMs <= LONGEST_DAYS * 86_400_000) return durationMs;
  throw new PgscaleError('PGS_USAGE', { what: `too long: ${text}`, next: [`At most ${LONGEST_DAYS}d.`] });
}
