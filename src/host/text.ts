/** Output as UTF-8 text without its last newline. */
export function decodeText(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\n$/u, '');
}

/** What a log said last. */
export function lastLine(log: string): string {
  return log.slice(log.lastIndexOf('\n') + 1);
}
