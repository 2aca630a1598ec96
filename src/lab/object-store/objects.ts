import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { StoreError } from './store-error.ts';

/** An object in a listing. */
export interface ObjectEntry {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** What was written: the digests that a client may want to compare. */
export interface Written {
  readonly sha256: string;
  readonly md5: string;
}

/**
 * Objects as files. A key's segments become folders, with a letter in front that tells folders from objects, since S3
 * lets `a` and `a/b` both be objects. A write goes to a temporary file, reaches the disk, and is renamed.
 */
export class Objects {
  readonly #root: string;
  readonly #incoming: string;

  constructor(root: string) {
    this.#root = path.join(root, 'objects');
    this.#incoming = path.join(root, 'incoming');
  }

  /** Stores a body. `sha256`, when given, has to be its digest, else nothing is stored. */
  async put(key: string, body: Readable, sha256?: string): Promise<Written> {
    await mkdir(this.#incoming, { recursive: true });
    const temporary = path.join(this.#incoming, randomUUID());
    try {
      const written = await write(temporary, body);
      if (sha256 !== undefined && sha256 !== written.sha256) throw new StoreError('XAmzContentSHA256Mismatch');
      await this.#adopt(temporary, this.#file(key));
      return written;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** The size and age of an object. @throws StoreError NoSuchKey */
  async head(key: string): Promise<ObjectEntry> {
    const { size, mtime } = await stat(this.#file(key)).catch(() => {
      throw new StoreError('NoSuchKey');
    });
    return { key, sizeBytes: size, modifiedAt: mtime };
  }

  /** The bytes of an object, from `start` to `end` inclusive. */
  read(key: string, range: { start?: number; end?: number } = {}): ReadStream {
    return createReadStream(this.#file(key), range);
  }

  /** Removes an object; none there is no error, as in S3. Folders that it leaves empty go with it. */
  async delete(key: string): Promise<void> {
    const file = this.#file(key);
    await rm(file, { force: true });
    for (let folder = path.dirname(file); folder !== this.#root; folder = path.dirname(folder)) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  /**
   * The objects whose key starts with `prefix`, in the order of their keys. With `shallow`, what lies below the next
   * slash is one name that ends in a slash.
   */
  async *list(prefix: string, shallow: boolean): AsyncGenerator<string> {
    const above = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const name of this.#walk(above, shallow, prefix)) if (name.startsWith(prefix)) yield name;
  }

  async *#walk(above: string, shallow: boolean, prefix: string): AsyncGenerator<string> {
    const folder = path.dirname(this.#file(`${above}x`));
    const names = await readdir(folder).catch(() => []);
    const children = names.map(
      (name) => above + decodeURIComponent(name.slice(2)) + (name.startsWith('d-') ? '/' : ''),
    );
    for (const child of children.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))) {
      if (!child.startsWith(prefix) && !prefix.startsWith(child)) continue;
      if (child.endsWith('/') && !shallow) yield* this.#walk(child, shallow, prefix);
      else yield child;
    }
  }

  async #adopt(temporary: string, file: string): Promise<void> {
    // A delete may remove the folder between the two calls, because it was empty; then it is made again.
    for (let tries = 0; ; tries += 1) {
      await mkdir(path.dirname(file), { recursive: true });
      try {
        await rename(temporary, file);
        return;
      } catch (error) {
        if (tries === 5) throw error;
      }
    }
  }

  #file(key: string): string {
    const segments = key.split('/').map(encodeURIComponent);
    const last = segments.pop() ?? '';
    return path.join(this.#root, ...segments.map((segment) => `d-${segment}`), `o-${last}`);
  }
}

async function write(file: string, body: Readable): Promise<Written> {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')];
  const digest = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sha256.update(chunk);
      md5.update(chunk);
      yield chunk;
    }
  };
  await pipeline(body, digest, createWriteStream(file));
  const handle = await open(file, 'r');
  await handle.sync().finally(async () => handle.close());
  return { sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}
