import { pipeline } from 'node:stream/promises';

import { type Exchange, parseRange, send, text } from './exchange.ts';
import { listing } from './listing.ts';
import { Objects } from './objects.ts';
import { StoreError } from './store-error.ts';
import { Uploads } from './uploads.ts';
import { textsOf } from './xml.ts';

const DIGEST = /^[0-9a-f]{64}$/u;

/** The one bucket of a store: what pgBackRest and `curl --aws-sigv4` need of the S3 API. */
export class Bucket {
  readonly #name: string;
  readonly #objects: Objects;
  readonly #uploads: Uploads;

  /** @param folder where the objects are kept */
  constructor(name: string, folder: string) {
    this.#name = name;
    this.#objects = new Objects(folder);
    this.#uploads = new Uploads(folder, this.#objects);
  }

  /** Answers a request whose signature was right. */
  async answer(exchange: Exchange): Promise<void> {
    const { request, key, query } = exchange;
    if (key === '') return this.#onBucket(exchange);
    if (request.method === 'GET' || request.method === 'HEAD') return this.#read(exchange);
    if (request.method === 'PUT') return this.#write(exchange);
    if (request.method === 'POST') return this.#assemble(exchange);
    if (request.method !== 'DELETE') throw new StoreError('MethodNotAllowed');
    const upload = query.get('uploadId');
    await (upload === null ? this.#objects.delete(key) : this.#uploads.abort(upload));
    exchange.response.writeHead(204).end();
  }

  async #onBucket({ request, response, query }: Exchange): Promise<void> {
    if (request.method === 'POST' && query.has('delete')) {
      const keys = textsOf(await text(request), 'Key');
      for (const key of keys) await this.#objects.delete(key);
      send(response, 'DeleteResult', { Deleted: keys.map((key) => ({ Key: key })) });
    } else if (request.method === 'GET' && query.has('location')) send(response, 'LocationConstraint', '');
    else if (request.method === 'GET')
      send(response, 'ListBucketResult', await listing(this.#objects, this.#name, query));
    else if (request.method === 'HEAD') response.writeHead(200).end();
    else throw new StoreError('MethodNotAllowed');
  }

  async #read({ request, response, key }: Exchange): Promise<void> {
    const { sizeBytes, modifiedAt } = await this.#objects.head(key);
    const range = parseRange(request.headers.range, sizeBytes);
    const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
    response.writeHead(range === undefined ? 200 : 206, {
      'content-type': 'application/octet-stream',
      'content-length': end - start + 1,
      'last-modified': modifiedAt.toUTCString(),
      'accept-ranges': 'bytes',
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${sizeBytes}` }),
    });
    if (request.method === 'HEAD' || sizeBytes === 0) response.end();
    else await pipeline(this.#objects.read(key, { start, end }), response);
  }

  async #write({ request, response, key, query }: Exchange): Promise<void> {
    const digest = request.headers['x-amz-content-sha256'];
    if (typeof digest === 'string' && digest.startsWith('STREAMING-')) throw new StoreError('NotImplemented');
    if (request.headers['x-amz-copy-source'] !== undefined) throw new StoreError('NotImplemented');
    const sha256 = typeof digest === 'string' && DIGEST.test(digest) ? digest : undefined;
    const upload = query.get('uploadId');
    const { md5 } =
      upload === null
        ? await this.#objects.put(key, request, sha256)
        : await this.#uploads.put(upload, Number(query.get('partNumber')), request, sha256);
    response.writeHead(200, { etag: `"${md5}"` }).end();
  }

  async #assemble({ request, response, key, query }: Exchange): Promise<void> {
    const upload = query.get('uploadId');
    if (upload === null && query.has('uploads')) {
      send(response, 'InitiateMultipartUploadResult', {
        Bucket: this.#name,
        Key: key,
        UploadId: await this.#uploads.begin(),
      });
      return;
    }
    if (upload === null) throw new StoreError('MethodNotAllowed');
    const parts = textsOf(await text(request), 'PartNumber').map(Number);
    const { md5 } = await this.#uploads.complete(upload, parts, key);
    send(response, 'CompleteMultipartUploadResult', { Bucket: this.#name, Key: key, ETag: `"${md5}-${parts.length}"` });
  }
}
