import { describe, expect, it } from 'vitest';

import { refusal } from '../../../../src/lab/object-store/signature.ts';

const CREDENTIALS = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const authorization = (names: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`;

/** The examples of the S3 reference: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const EXAMPLES = [
  {
    method: 'GET',
    url: '/test.txt',
    headers: { range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY },
    names: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    method: 'PUT',
    url: '/test%24file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    names: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    method: 'GET',
    url: '/?lifecycle',
    headers: { 'x-amz-content-sha256': EMPTY },
    names: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    method: 'GET',
    url: '/?prefix=J&max-keys=2',
    headers: { 'x-amz-content-sha256': EMPTY },
    names: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

const request = ({
  method,
  url,
  headers,
  names,
  signature,
}: (typeof EXAMPLES)[number]): Parameters<typeof refusal>[0] => ({
  method,
  url,
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    ...headers,
    authorization: authorization(names, signature),
  },
});

describe('refusal', () => {
  it.each(EXAMPLES)('accepts the published example $method $url', (example) => {
    expect(refusal(request(example), CREDENTIALS)).toBeUndefined();
  });

  it.each(EXAMPLES)('refuses $method $url with another secret, another path or another header', (example) => {
    const right = request(example);
    expect(refusal(right, { ...CREDENTIALS, secretKey: 'wrong' })).toBe('SignatureDoesNotMatch');
    expect(refusal({ ...right, url: '/other' }, CREDENTIALS)).toBe('SignatureDoesNotMatch');
    expect(refusal({ ...right, method: 'DELETE' }, CREDENTIALS)).toBe('SignatureDoesNotMatch');
    const later = { ...right.headers, 'x-amz-date': '20130524T000001Z' };
    expect(refusal({ ...right, headers: later }, CREDENTIALS)).toBe('SignatureDoesNotMatch');
  });

  it('refuses an unknown key and a request without a signature', () => {
    const [example] = EXAMPLES;
    expect(refusal(request(example!), { ...CREDENTIALS, accessKey: 'OTHER' })).toBe('InvalidAccessKeyId');
    expect(refusal({ method: 'GET', url: '/', headers: {} }, CREDENTIALS)).toBe('AccessDenied');
    expect(refusal({ method: 'GET', url: '/', headers: { authorization: 'Basic eDp5' } }, CREDENTIALS)).toBe(
      'AccessDenied',
    );
  });
});
