import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { StoreMissing } from './missing.ts';
import { partsOf } from './parts.ts';
import type { S3Settings } from './settings.ts';
import { encode, sha256, signedHeaders } from './signature.ts';
import type { Store } from './store.ts';

interface Call {
  readonly method: string;
  readonly name: string;
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
}

/** Nobody says anything for so long: the connection is given up. */
const SILENCE_MS = 60_000;
const HTTPS = 443;

/**
 * A bucket over TLS. Every object goes up in parts, whose checksums the store compares, and is there when the last call has
 * put them together: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export class S3Store implements Store {
  readonly #settings: S3Settings;
  readonly #ca: string | undefined;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.#ca = settings.caFile === undefined ? undefined : readFileSync(settings.caFile, 'utf8');
  }

  async put(name: string, body: Readable): Promise<void> {
    const begun = await this.#text({ method: 'POST', name, query: [['uploads', '']] });
    const id = /<UploadId>([^<]+)<\/UploadId>/u.exec(begun)?.[1];
    if (id === undefined) throw new Error(`the store did not begin an upload: ${begun.slice(0, 200)}`);
    try {
      const tags: string[] = [];
      for await (const part of partsOf(body)) {
        const number = String(tags.length + 1);
        const query = [['partNumber', number] as const, ['uploadId', id] as const];
        const response = await this.#call({ method: 'PUT', name, query, body: part });
        response.resume();
        tags.push(response.headers.etag ?? '');
      }
      const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
      const whole = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      const done = await this.#text({ method: 'POST', name, query: [['uploadId', id]], body: Buffer.from(whole) });
      // It may answer 200 and fail afterwards.
      if (/<Error>/u.test(done)) throw new Error(`the store did not finish an upload: ${done.slice(0, 200)}`);
    } catch (error) {
      await this.#text({ method: 'DELETE', name, query: [['uploadId', id]] }).catch(() => undefined);
      throw error;
    }
  }

  get(name: string): Promise<Readable> {
    return this.#call({ method: 'GET', name });
  }

  async #text(call: Call): Promise<string> {
    return text(await this.#call(call));
  }

  async #call({ method, name, query = [], body = Buffer.alloc(0) }: Call): Promise<IncomingMessage> {
    const { port, verifyTls } = this.#settings;
    const { server, host, path } = addressOf(this.#settings, name);
    const words = query.map(([word, value]) => `${encode(word)}=${encode(value)}`).join('&');
    const unsigned = { method, host, path, query: words, bodyHash: sha256(body), at: new Date() };
    const headers = { ...signedHeaders(unsigned, this.#settings), 'content-length': body.length };
    const options = {
      ...{ method, headers, host: server, port, servername: server, rejectUnauthorized: verifyTls },
      path: words === '' ? path : `${path}?${words}`,
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpsRequest(options, resolve).once('error', reject);
      request.setTimeout(SILENCE_MS, () => request.destroy(new Error(`the store ${host} does not answer`)));
      request.end(body);
    });
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const why = (await text(response)).replaceAll(/\s+/gu, ' ').slice(0, 300);
    if (statusCode === 404 && method === 'GET') throw new StoreMissing(name);
    throw new Error(`the store ${host} answers ${statusCode} to ${method}: ${why}`);
  }
}

function addressOf(
  { bucket, endpoint, port, uriStyle, folder }: S3Settings,
  name: string,
): { server: string; host: string; path: string } {
  const server = uriStyle === 'host' ? `${bucket}.${endpoint}` : endpoint;
  const host = port === HTTPS ? server : `${server}:${port}`;
  const key = `${folder}/${name}`.split('/').filter(Boolean).map(encode).join('/');
  return { server, host, path: uriStyle === 'host' ? `/${key}` : `/${encode(bucket)}/${key}` };
}
