import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { afterEach, describe, expect, it, onTestFinished } from 'vitest';

import { StoreMissing } from '../../../../src/agent/store/missing.ts';
import { partsOf } from '../../../../src/agent/store/parts.ts';
import type { S3Settings } from '../../../../src/agent/store/settings.ts';
import { openStore, type Store } from '../../../../src/agent/store/store.ts';
import { makeCertificates } from '../../../../src/lab/object-store/certificates.ts';
import { createStore } from '../../../../src/lab/object-store/server.ts';

const NAME = 'app/public.%22odd%20name%22.dump';

let folder = '';
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function folderStore(): Promise<Store> {
  folder = await mkdtemp(join(tmpdir(), 'pgscale-store-'));
  return openStore({ type: 'posix', folder });
}

/** The lab's S3 server, which verifies every signature. */
async function bucket(changed: Partial<S3Settings> = {}): Promise<Store> {
  folder = await mkdtemp(join(tmpdir(), 'pgscale-store-'));
  const credentials = { accessKey: 'key', secretKey: 'secret' };
  const { ca, certificate: cert, key } = await makeCertificates('test', ['localhost']);
  const server = createStore({ data: join(folder, 'data'), bucket: 'b', credentials, tls: { key, cert } });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, ca);
  const { port } = server.address() as AddressInfo;
  const place = { endpoint: 'localhost', port, bucket: 'b', region: 'us-east-1', uriStyle: 'path' as const };
  return openStore({
    type: 's3',
    ...place,
    ...credentials,
    caFile,
    verifyTls: true,
    folder: '/x/partitions/c',
    ...changed,
  });
}

describe.each([
  ['a folder', folderStore],
  ['a bucket', bucket],
])('%s', (_, open) => {
  it('gives back what was put, also in several parts', async () => {
    const store = await open();
    const body = randomBytes(20 * 1024 ** 2);
    await store.put(NAME, Readable.from([body.subarray(0, 1000), body.subarray(1000)]));
    expect((await buffer(await store.get(NAME))).equals(body)).toBe(true);
  });

  it('keeps what is there when a later body ends half-way, and says when there is nothing', async () => {
    const store = await open();
    await store.put('a', Readable.from(['first']));
    const broken = Readable.from(
      (function* () {
        yield 'half';
        throw new Error('pg_dump: no space left on device');
      })(),
    );
    await expect(store.put('a', broken)).rejects.toThrow('no space left');
    expect((await buffer(await store.get('a'))).toString()).toBe('first');
    await expect(store.get('b')).rejects.toThrow(StoreMissing);
  });
});

it('a bucket that refuses the key says so', async () => {
  const store = await bucket({ secretKey: 'other' });
  await expect(store.put('a', Readable.from(['x']))).rejects.toThrow(/answers 403 .*SignatureDoesNotMatch/u);
});

it('a certificate of nobody that it knows is refused', async () => {
  const { ca } = await makeCertificates('other', ['localhost']);
  const stranger = join(await mkdtemp(join(tmpdir(), 'pgscale-ca-')), 'ca.crt');
  await writeFile(stranger, ca);
  const store = await bucket({ caFile: stranger });
  await expect(store.put('a', Readable.from(['x']))).rejects.toThrow(/certificate|signature/u);
});

it('parts have one size, but for the last', async () => {
  const parts: number[] = [];
  for await (const part of partsOf(Readable.from([Buffer.alloc(25), Buffer.alloc(2)]), 10)) parts.push(part.length);
  expect(parts).toEqual([10, 10, 7]);
  const none: number[] = [];
  for await (const part of partsOf(Readable.from([]), 10)) none.push(part.length);
  expect(none).toEqual([0]);
});
