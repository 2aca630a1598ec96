import prettyBytes from 'pretty-bytes';

/** `1.5 MiB`: powers of 1024, as PostgreSQL counts. */
export function bytes(count: number): string {
  return prettyBytes(count, { binary: true, maximumFractionDigits: 1 });
}
