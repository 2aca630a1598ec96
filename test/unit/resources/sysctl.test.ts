import { describe, expect, it } from 'vitest';

import { pathOf, sysctl } from '../../../src/resources/sysctl.ts';
import { FakeHost } from '../../support/fake-host.ts';

describe('kernel settings', () => {
  it.each([
    ['vm.swappiness', 'vm/swappiness'],
    ['net/ipv4/neigh/eth0.100/retrans_time_ms', 'net/ipv4/neigh/eth0.100/retrans_time_ms'],
  ])('%s is a file of /proc/sys', (key, path) => {
    expect(pathOf(key)).toBe(path);
  });

  it('a value in force that is another is a difference; one that cannot be written here is none', async () => {
    const wanted = sysctl('60-x', { 'vm.swappiness': 1, 'net/ipv4/neigh/eth0/retrans_time_ms': 240 });
    const host = new FakeHost()
      .answer(/proc\/sys/u, { stdout: 'net/ipv4/neigh/eth0/retrans_time_ms=1000' })
      .answer(/--load/u);
    await wanted.apply(host, await wanted.read(host));
    const actual = await wanted.read(host);
    expect(wanted.diff(actual)?.summary).toBe('set net/ipv4/neigh/eth0/retrans_time_ms=240');
  });
});
