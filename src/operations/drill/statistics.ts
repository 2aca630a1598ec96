/** The value below which the share of all values lies (nearest rank); undefined for no values. Pure. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** The middle value, or the mean of the two in the middle; undefined for no values. Pure. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** How many of the moments fall into each bucket from `fromMs` to `toMs`. Pure. */
export function bucketCounts(
  moments: readonly number[],
  { fromMs, toMs, bucketMs }: { fromMs: number; toMs: number; bucketMs: number },
): number[] {
  const counts = Array.from({ length: Math.max(1, Math.ceil((toMs - fromMs) / bucketMs)) }, () => 0);
  for (const moment of moments) {
    const index = Math.floor((moment - fromMs) / bucketMs);
    const count = counts[index];
    if (count !== undefined) counts[index] = count + 1;
  }
  return counts;
}

/** The longest pause between moments in order, the two ends of the time included. Pure. */
export function longestGap(moments: readonly number[], fromMs: number, toMs: number): number {
  const inside = moments.filter((moment) => moment > fromMs && moment < toMs);
  const starts = [fromMs, ...inside];
  const ends = [...inside, toMs];
  return ends.reduce((longest, end, index) => Math.max(longest, end - (starts[index] ?? end)), 0);
}
