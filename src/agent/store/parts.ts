/** A store takes 10,000 of them: 335 GB an object, which is dumped with compression. */
const PART_BYTES = 32 * 1024 ** 2;

/** A stream cut into parts of the same size; the last is what is left. An empty stream is one empty part. */
export async function* partsOf(body: AsyncIterable<Buffer | string>, size = PART_BYTES): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  let isFirst = true;
  for await (const chunk of body) {
    const piece = Buffer.from(chunk);
    held.push(piece);
    bytes += piece.length;
    if (bytes < size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    for (; all.length - at >= size; at += size) yield all.subarray(at, at + size);
    held = at === all.length ? [] : [all.subarray(at)];
    bytes = all.length - at;
    isFirst = false;
  }
  if (isFirst || bytes > 0) yield Buffer.concat(held);
}
