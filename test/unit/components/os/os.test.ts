import { describe, expect, it } from 'vitest';

import { os } from '../../../../src/components/os/index.ts';
import { hugePages, kernelSettings } from '../../../../src/components/os/settings.ts';
import { specOf, targetOf, VIPS } from '../../../support/target.ts';

const GB = 2 ** 30;

describe('kernel settings', () => {
  it('limits dirty memory by size, on database hosts only', () => {
    const spec = specOf(0, {
      hosts: [
        { name: 'pg1', address: '10.20.0.11', roles: ['database', 'dcs'] },
        { name: 'proxy1', address: '10.20.0.12', roles: ['proxy'] },
      ],
    });
    expect(kernelSettings(targetOf(spec, 'pg1', { memoryBytes: 64 * GB }))).toMatchObject({
      'vm.dirty_background_bytes': 256 * 2 ** 20,
      'vm.dirty_bytes': 2 ** 30,
    });
    expect(kernelSettings(targetOf(spec, 'pg1', { memoryBytes: GB }))).toMatchObject({
      'vm.dirty_background_bytes': 64 * 2 ** 20,
      'vm.dirty_bytes': 256 * 2 ** 20,
    });
    expect(kernelSettings(targetOf(spec, 'proxy1'))).not.toHaveProperty('vm.dirty_bytes');
  });

  it('notices a lost peer sooner the faster the profile', () => {
    const idle = (profile: string): unknown =>
      kernelSettings(targetOf(specOf(3, { failover: { profile } }), 'pg1'))['net.ipv4.tcp_keepalive_time'];
    expect([idle('fast'), idle('normal'), idle('wan')]).toEqual([30, 60, 120]);
  });

  it.each([
    ['10.20.0.11', 'eth0.100', 'net/ipv4/neigh/eth0.100/retrans_time_ms'],
    ['fd00::11', 'eth1', 'net/ipv6/neigh/eth1/retrans_time_ms'],
    ['10.20.0.11', undefined, undefined],
  ])('a neighbour of %s by %s that is off is found out', (address, name, expected) => {
    const spec = specOf(0, {
      failover: { profile: 'fast' },
      hosts: [{ name: 'pg1', address, roles: ['database', 'dcs'] }],
    });
    const settings = kernelSettings(targetOf(spec, 'pg1', { interface: name }));
    const [key] = Object.keys(settings).filter((each) => each.endsWith('retrans_time_ms'));
    expect(key).toBe(expected);
    if (key !== undefined) expect(settings[key]).toBe(240);
  });

  it.each([
    ['no VIP', {}, 'pg1', []],
    ['a VIP of its own role', VIPS, 'pg1', ['net.ipv4.ip_nonlocal_bind']],
    ['VIPs of proxies on a dcs host', VIPS, 'dcs1', []],
    ['an IPv6 VIP', { pool: { vip: 'fd00::9' } }, 'pg1', ['net.ipv6.ip_nonlocal_bind']],
    ['a VIP of the poolers on a mere proxy', { pool: { vip: 'fd00::9' } }, 'proxy1', []],
  ])('binds to addresses that are elsewhere: %s', (_, endpoints, host, expected) => {
    const spec = specOf(0, {
      endpoints,
      hosts: [
        { name: 'pg1', address: '10.20.0.11', roles: ['database', 'dcs', 'proxy'] },
        { name: 'dcs1', address: '10.20.0.12', roles: ['dcs'] },
        { name: 'proxy1', address: '10.20.0.13', roles: ['proxy'] },
      ],
    });
    const keys = Object.keys(kernelSettings(targetOf(spec, host))).filter((key) => key.endsWith('nonlocal_bind'));
    expect(keys).toEqual(expected);
  });

  it('leaves the system alone but for VIPs when tuning is off', () => {
    const spec = specOf(3, { os: { tune: false }, endpoints: VIPS });
    expect(kernelSettings(targetOf(spec, 'pg1'))).toEqual({ 'net.ipv4.ip_nonlocal_bind': 1 });
    expect(os.resources(targetOf(specOf(3, { os: { tune: false } }), 'pg1')).map(({ id }) => id)).toEqual([
      'group:pgscale',
    ]);
  });
});

describe('huge pages', () => {
  it.each([
    ['below 8 GB of shared buffers', specOf(1), 24 * GB, 'x86_64', 0],
    ['from 8 GB on', specOf(1), 32 * GB, 'x86_64', Math.ceil((8192 * 1.03 + 256) / 2)],
    [
      'for shared buffers of the spec',
      specOf(1, { postgres: { parameters: { shared_buffers: '16GB' } } }),
      32 * GB,
      'x86_64',
      8566,
    ],
    ['where a huge page has another size', specOf(1), 64 * GB, 'aarch64', 0],
    ['without tuning', specOf(1, { os: { tune: false } }), 64 * GB, 'x86_64', 0],
  ])('%s', (...[, spec, memoryBytes, architecture, expected]) => {
    expect(hugePages(targetOf(spec, 'pg1', { memoryBytes, architecture }))).toBe(expected);
  });

  it('removes its file where the host has become too small', () => {
    const file = os.resources(targetOf(specOf(1), 'pg1')).find(({ id }) => id.includes('hugepages'));
    expect(file?.diff(true)).toMatchObject({ action: 'remove' });
  });
});
