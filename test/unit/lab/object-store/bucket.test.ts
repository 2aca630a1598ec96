import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Bucket } from '../../../../src/lab/object-store/bucket.ts';
import { fail } from '../../../../src/lab/object-store/exchange.ts';
import { textsOf } from '../../../../src/lab/object-store/xml.ts';

let folder: string;
let server: Server;
let base: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgscale-bucket-'));
  const bucket = new Bucket('pgscale', folder);
  server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://store');
    const key = decodeURIComponent(pathname.slice(1));
    bucket.answer({ request, response, query, key }).catch((error: unknown) => fail(request, response, error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const call = async (method: string, url: string, body?: string, headers = {}): Promise<Response> =>
  fetch(base + url, { method, headers, ...(body === undefined ? {} : { body }) });
const put = async (key: string, body = key): Promise<Response> => call('PUT', encodeURIComponent(key), body);
const list = async (query: string): Promise<{ keys: string[]; folders: string[]; next: string | undefined }> => {
  const xml = await (await call('GET', `?list-type=2&${query}`)).text();
  const [, ...folders] = textsOf(xml, 'Prefix');
  return { keys: textsOf(xml, 'Key'), folders, next: textsOf(xml, 'NextContinuationToken')[0] };
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('objects', () => {
  it('come back as they went in, whole, in part, and by their head only', async () => {
    expect((await put('a/b c+d.txt', 'hello')).headers.get('etag')).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const key = encodeURIComponent('a/b c+d.txt');
    expect(await (await call('GET', key)).text()).toBe('hello');
    const head = await call('HEAD', key);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
    const part = await call('GET', key, undefined, { range: 'bytes=1-3' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 1-3/5', 'ell']);
    expect(await (await call('GET', key, undefined, { range: 'bytes=3-' })).text()).toBe('lo');
    expect(await (await call('GET', key, undefined, { range: 'bytes=-1' })).text()).toBe('o');
    expect((await call('GET', key, undefined, { range: 'bytes=9-' })).status).toBe(416);
  });

  it('may be empty, may be replaced, and may lie beside a folder of the same name', async () => {
    await put('a', '');
    await put('a/b', 'below');
    expect(await (await call('GET', 'a')).text()).toBe('');
    await put('a', 'new');
    expect(await (await call('GET', 'a')).text()).toBe('new');
    expect(await (await call('GET', 'a%2Fb')).text()).toBe('below');
  });

  it('that are not there are NoSuchKey, and may be deleted all the same', async () => {
    const answer = await call('GET', 'none');
    expect([answer.status, textsOf(await answer.text(), 'Code')]).toEqual([404, ['NoSuchKey']]);
    expect((await call('DELETE', 'none')).status).toBe(204);
  });

  it('whose body is not the one that was signed are not stored', async () => {
    const answer = await call('PUT', 'key', 'forged', { 'x-amz-content-sha256': sha256('meant') });
    expect(textsOf(await answer.text(), 'Code')).toEqual(['XAmzContentSHA256Mismatch']);
    expect((await call('HEAD', 'key')).status).toBe(404);
    expect((await call('PUT', 'key', 'meant', { 'x-amz-content-sha256': sha256('meant') })).status).toBe(200);
  });

  it('never leave the folder of the store', async () => {
    await put('../../escape', 'x');
    expect(await (await call('GET', encodeURIComponent('../../escape'))).text()).toBe('x');
    expect((await readdir(folder)).sort()).toEqual(['incoming', 'objects']);
    expect(await readdir(path.dirname(folder))).not.toContain('o-escape');
  });
});

describe('listing', () => {
  beforeEach(async () => {
    for (const key of ['z', 'a/1', 'a/2/x', 'a/2/y', 'a&b', 'ab/1']) await put(key);
  });

  it('is in the order of the keys, below a prefix, that need not be a folder', async () => {
    expect((await list('')).keys).toEqual(['a&b', 'a/1', 'a/2/x', 'a/2/y', 'ab/1', 'z']);
    expect((await list('prefix=a/')).keys).toEqual(['a/1', 'a/2/x', 'a/2/y']);
    expect((await list('prefix=a')).keys).toEqual(['a&b', 'a/1', 'a/2/x', 'a/2/y', 'ab/1']);
    expect((await list('prefix=nothing/')).keys).toEqual([]);
  });

  it('with a delimiter shows the folders of one level', async () => {
    expect(await list('delimiter=/')).toEqual({ keys: ['a&b', 'z'], folders: ['a/', 'ab/'], next: undefined });
    expect(await list('delimiter=/&prefix=a/')).toEqual({ keys: ['a/1'], folders: ['a/2/'], next: undefined });
  });

  it('goes on where a page ended', async () => {
    const pages: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const page: Awaited<ReturnType<typeof list>> = await list(
        `max-keys=2&delimiter=/${next === '' ? '' : `&continuation-token=${encodeURIComponent(next)}`}`,
      );
      pages.push([...page.keys, ...page.folders].join(' '));
      next = page.next;
    }
    expect(pages).toEqual(['a&b a/', 'z ab/']);
  });

  it('forgets what was deleted, one by one or many at once, and the folders that it leaves empty', async () => {
    await call('DELETE', 'a%2F1');
    const keys = ['a/2/x', 'a/2/y', 'a&amp;b'].map((key) => `<Object><Key>${key}</Key></Object>`).join('');
    const answer = await call('POST', '?delete', `<Delete>${keys}<Quiet>true</Quiet></Delete>`);
    expect(answer.status).toBe(200);
    expect(await list('delimiter=/')).toEqual({ keys: ['z'], folders: ['ab/'], next: undefined });
  });
});

describe('uploads in parts', () => {
  const begin = async (): Promise<string> => textsOf(await (await call('POST', 'big?uploads')).text(), 'UploadId')[0]!;
  const complete = async (id: string, parts: number[]): Promise<Response> =>
    call('POST', `big?uploadId=${id}`, parts.map((part) => `<Part><PartNumber>${part}</PartNumber></Part>`).join(''));

  it('become one object, in the order of the parts, once they are complete', async () => {
    const id = await begin();
    await call('PUT', `big?uploadId=${id}&partNumber=10`, 'world');
    await call('PUT', `big?uploadId=${id}&partNumber=2`, 'hello ');
    expect((await call('HEAD', 'big')).status).toBe(404);
    expect((await complete(id, [2, 10])).status).toBe(200);
    expect(await (await call('GET', 'big')).text()).toBe('hello world');
    expect((await complete(id, [2])).status).toBe(404);
    expect(await readdir(path.join(folder, 'uploads'))).toEqual([]);
  });

  it('that lack a part, or were given up, become nothing', async () => {
    const id = await begin();
    expect(textsOf(await (await complete(id, [1])).text(), 'Code')).toEqual(['InvalidPart']);
    expect((await call('DELETE', `big?uploadId=${id}`)).status).toBe(204);
    expect((await call('PUT', `big?uploadId=${id}&partNumber=1`, 'late')).status).toBe(404);
    expect((await call('HEAD', 'big')).status).toBe(404);
  });
});
