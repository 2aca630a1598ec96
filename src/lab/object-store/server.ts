import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';

import { Bucket } from './bucket.ts';
import { fail } from './exchange.ts';
import { type Credentials, refusal } from './signature.ts';
import { StoreError } from './store-error.ts';

/** What a server is made of. */
export interface StoreSettings {
  /** The folder that the objects are kept in. */
  readonly data: string;
  readonly bucket: string;
  readonly credentials: Credentials;
  readonly tls: { readonly key: string; readonly cert: string };
}

/** An S3 server for one bucket, path style, that verifies the signature of every request. */
export function createStore({ data, bucket: name, credentials, tls }: StoreSettings): Server {
  const bucket = new Bucket(name, data);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/', headers } = request;
    try {
      const refused = refusal({ method, url, headers }, credentials);
      if (refused !== undefined) throw new StoreError(refused);
      const { pathname, searchParams: query } = new URL(url, 'https://store');
      const [, first = '', ...rest] = pathname.split('/').map(decodeURIComponent);
      if (first !== name) throw new StoreError('NoSuchBucket');
      await bucket.answer({ request, response, query, key: rest.join('/') });
    } catch (error) {
      fail(request, response, error);
    }
  }

  return createServer(tls, (request, response) => void handle(request, response));
}
