import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { StoreMissing } from './missing.ts';
import type { Store } from './store.ts';

/** A folder that every database host mounts. */
export class FolderStore implements Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(name: string, body: Readable): Promise<void> {
    const path = join(this.#folder, name);
    const unfinished = `${path}.new`;
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    try {
      await pipeline(body, createWriteStream(unfinished, { mode: 0o640 }));
      const file = await open(unfinished);
      await file.sync().finally(() => file.close());
      await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  async get(name: string): Promise<Readable> {
    const path = join(this.#folder, name);
    await access(path).catch(() => {
      throw new StoreMissing(name);
    });
    return createReadStream(path);
  }
}
