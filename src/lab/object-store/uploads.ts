import { randomUUID } from 'node:crypto';
import { access, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';

import { Objects, type Written } from './objects.ts';
import { StoreError } from './store-error.ts';

/** Objects that arrive in parts: each part is a file until the last call puts them together. */
export class Uploads {
  readonly #root: string;
  readonly #objects: Objects;

  constructor(root: string, objects: Objects) {
    this.#root = path.join(root, 'uploads');
    this.#objects = objects;
  }

  /** Begins an upload. @returns its id. */
  async begin(): Promise<string> {
    const id = randomUUID();
    await mkdir(this.#folder(id), { recursive: true });
    return id;
  }

  /** Takes one part. */
  async put(id: string, part: number, body: Readable, sha256?: string): Promise<Written> {
    return (await this.#parts(id)).put(String(part), body, sha256);
  }

  /** Makes the object of the parts, in the order given. */
  async complete(id: string, parts: readonly number[], key: string): Promise<Written> {
    const stored = await this.#parts(id);
    for (const part of parts) {
      await stored.head(String(part)).catch(() => {
        throw new StoreError('InvalidPart');
      });
    }
    const read = async function* (): AsyncGenerator<Buffer> {
      for (const part of parts) yield* stored.read(String(part)) as AsyncIterable<Buffer>;
    };
    const written = await this.#objects.put(key, Readable.from(read()));
    await this.abort(id);
    return written;
  }

  /** Forgets an upload and its parts. */
  async abort(id: string): Promise<void> {
    await rm(this.#folder(id), { recursive: true, force: true });
  }

  async #parts(id: string): Promise<Objects> {
    await access(this.#folder(id)).catch(() => {
      throw new StoreError('NoSuchUpload');
    });
    return new Objects(this.#folder(id));
  }

  #folder(id: string): string {
    return path.join(this.#root, path.basename(id));
  }
}
