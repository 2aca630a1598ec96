import type { IncomingMessage, ServerResponse } from 'node:http';

import { StoreError } from './store-error.ts';
import { document, type Xml } from './xml.ts';

/** One request with its answer. `key` is empty for a request to the bucket itself. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly key: string;
}

/** Only lists of keys and parts are read whole; S3 allows 1000 keys of 1024 bytes and 10,000 parts. */
const BODY_LIMIT_BYTES = 4 * 1024 ** 2;

/** Answers with the error; what is no error of S3 is told in the log and not to the client. */
export function fail(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const error = thrown instanceof StoreError ? thrown : new StoreError('InternalError');
  if (error !== thrown) process.stderr.write(`${request.method ?? ''} ${request.url ?? ''}: ${String(thrown)}\n`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of the body is read away, so that the client sees the answer and not a closed connection.
  request.resume();
  send(response, 'Error', { Code: error.code, Message: error.code }, error.status);
}

/** Answers with an XML document. */
export function send(response: ServerResponse, root: string, content: Xml, status = 200): void {
  const body = Buffer.from(document(root, content));
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length }).end(body);
}

/** The body of a request as text. */
export async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_LIMIT_BYTES) throw new StoreError('NotImplemented');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The bytes that a Range header asks for (RFC 9110, 14.1.2); undefined when it asks for all. */
export function parseRange(header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/u.exec(header ?? '');
  if (match === null || match[0] === 'bytes=-') return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start > end) throw new StoreError('InvalidRange');
  return { start, end };
}
