import type { Readable } from 'node:stream';

import { FolderStore } from './folder-store.ts';
import { S3Store } from './s3-store.ts';
import type { StoreSettings } from './settings.ts';

/** Keeps objects by name. What is written is there whole or not at all. */
export interface Store {
  put(name: string, body: Readable): Promise<void>;
  /** @throws StoreMissing when there is no such object */
  get(name: string): Promise<Readable>;
}

/** The store of these settings. */
export function openStore(settings: StoreSettings): Store {
  return settings.type === 's3' ? new S3Store(settings) : new FolderStore(settings.folder);
}
