import { access, constants, readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { LocalHost } from '../../../src/host/local-host.ts';
import { sysctl } from '../../../src/resources/sysctl.ts';

const KEY = 'net.ipv4.tcp_keepalive_probes';
const PATH = '/proc/sys/net/ipv4/tcp_keepalive_probes';
const isWritable = await access(PATH, constants.W_OK).then(
  () => true,
  () => false,
);

describe.runIf(isWritable)('kernel settings of this machine, which stay as they are', () => {
  it('are read as the kernel has them', async () => {
    const host = new LocalHost();
    const inForce = (await readFile(PATH, 'utf8')).trim();
    const found = (await sysctl('pgscale-test', { [KEY]: 1 }).read(host)) as { live: ReadonlyMap<string, string> };
    expect(found.live.get(KEY)).toBe(inForce);
  });
});
