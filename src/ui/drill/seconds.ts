/** Milliseconds as `1.53 s`; a dash where there are none. */
export function seconds(ms: number | null): string {
  return ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`;
}
