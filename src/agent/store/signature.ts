import { createHash, createHmac } from 'node:crypto';

import type { S3Settings } from './settings.ts';

/** What is signed of a request. */
export interface Unsigned {
  readonly method: string;
  readonly host: string;
  /** Percent-encoded. */
  readonly path: string;
  /** Percent-encoded, in order. */
  readonly query: string;
  /** SHA-256 of the body, in hexadecimal. */
  readonly bodyHash: string;
  readonly at: Date;
}

const SIGNED = 'host;x-amz-content-sha256;x-amz-date';

/**
 * The headers by which an S3 store knows who asks: AWS Signature Version 4. Pure.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signedHeaders(
  request: Unsigned,
  { accessKey, secretKey, region }: Pick<S3Settings, 'accessKey' | 'secretKey' | 'region'>,
): Record<string, string> {
  const { method, host, path, query, bodyHash, at } = request;
  const time = `${at.toISOString().slice(0, 19).replaceAll(/[-:]/gu, '')}Z`;
  const scope = [time.slice(0, 8), region, 's3', 'aws4_request'];
  const headers = `host:${host}\nx-amz-content-sha256:${bodyHash}\nx-amz-date:${time}\n`;
  const canonical = [method, path, query, headers, SIGNED, bodyHash].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<Buffer | string>((previous, part) => hmac(previous, part), `AWS4${secretKey}`);
  const signature = hmac(key, text).toString('hex');
  return {
    host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope.join('/')}, SignedHeaders=${SIGNED}, Signature=${signature}`,
  };
}

/** In hexadecimal. */
export function sha256(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Percent-encoding of everything but the unreserved characters of RFC 3986. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
