import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A login of the object store. */
export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What a client is told whose signature is missing or wrong. */
export type Refusal = 'AccessDenied' | 'InvalidAccessKeyId' | 'SignatureDoesNotMatch';

/** The parts of a request that its signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=(?<key>[^/]+)\/(?<scope>(?<date>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request),\s*SignedHeaders=(?<names>[^,]+),\s*Signature=(?<signature>[0-9a-f]{64})$/u;

/**
 * Checks a request's signature, AWS Signature Version 4 in the Authorization header.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 *
 * @returns the S3 error code that the client has to be told, or undefined when the signature is right.
 */
export function refusal(request: SignedRequest, credentials: Credentials): Refusal | undefined {
  const parts = AUTHORIZATION.exec(request.headers.authorization ?? '')?.groups as Parts | undefined;
  if (parts === undefined) return 'AccessDenied';
  if (parts.key !== credentials.accessKey) return 'InvalidAccessKeyId';
  const wanted = signatureOf(request, parts, credentials.secretKey);
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(parts.signature)) ? undefined : 'SignatureDoesNotMatch';
}

type Parts = Record<'key' | 'scope' | 'date' | 'region' | 'service' | 'names' | 'signature', string>;

function signatureOf(request: SignedRequest, parts: Parts, secretKey: string): string {
  const time = header(request.headers, 'x-amz-date');
  const text = [ALGORITHM, time, parts.scope, sha256(canonicalRequest(request, parts.names))].join('\n');
  const key = [parts.date, parts.region, parts.service, 'aws4_request'].reduce<Buffer | string>(
    (previous, part) => hmac(previous, part),
    `AWS4${secretKey}`,
  );
  return hmac(key, text).toString('hex');
}

function canonicalRequest({ method, url, headers }: SignedRequest, names: string): string {
  // The path as it came: clients sign it in the very form in which they send it.
  const [path = ''] = url.split('?');
  const { searchParams } = new URL(url, 'https://store');
  const pairs = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const lines = names.split(';').map((name) => `${name}:${header(headers, name).trim().replaceAll(/\s+/gu, ' ')}\n`);
  const payload = header(headers, 'x-amz-content-sha256') || sha256('');
  return [method, path, pairs.sort().join('&'), lines.join(''), names, payload].join('\n');
}

/** Percent-encoding of everything but the unreserved characters of RFC 3986, as the signature wants it. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
