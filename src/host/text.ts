/** Output as UTF-8 text without its last newline. */
export function decodeText(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\n$/u, '');
}
