/** Reads the fields of a binary message one after the other; integers are big-endian. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#step(1));
  }

  letter(): string {
    return String.fromCharCode(this.byte());
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#step(2));
  }

  /** Also object ids and transaction ids, which have no sign. */
  uint32(): number {
    return this.#bytes.readUInt32BE(this.#step(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#step(8));
  }

  /** A position in the WAL, as PostgreSQL writes it: `0/1A2B3C`. */
  lsn(): string {
    const high = this.uint32().toString(16);
    return `${high}/${this.uint32().toString(16)}`.toUpperCase();
  }

  /** Text that ends with a zero byte. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) throw new RangeError('a text without an end');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Text after its length in bytes. */
  sized(): string {
    const length = this.uint32();
    const start = this.#step(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  #step(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new RangeError('a message that is cut off');
    this.#at += length;
    return start;
  }
}
