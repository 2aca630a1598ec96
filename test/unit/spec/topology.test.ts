import { describe, expect, it } from 'vitest';

import { certificateNames } from '../../../src/spec/topology.ts';
import { specOf, VIPS } from '../../support/target.ts';

describe('names in a certificate', () => {
  const own = ['pg1', '10.20.0.11', 'localhost', '127.0.0.1'];

  it('without VIPs: every proxy, because HAProxy passes TLS through to any member', () => {
    const spec = specOf(3);
    expect(certificateNames(spec, spec.hosts[0]!)).toEqual([...own, '10.20.0.12', '10.20.0.13']);
  });

  it('separate proxies too', () => {
    const hosts = [
      { name: 'pg1', address: '10.20.0.11', roles: ['database', 'dcs'] },
      { name: 'px1', address: '10.20.0.21', roles: ['proxy'] },
      { name: 'px2', address: '10.20.0.22', roles: ['proxy'] },
    ];
    const spec = specOf(0, { hosts, endpoints: { pool: { host: 'pool.example', vip: '10.20.0.5' } } });
    expect(certificateNames(spec, spec.hosts[0]!)).toEqual([
      ...own,
      '10.20.0.21',
      '10.20.0.22',
      'pool.example',
      '10.20.0.5',
    ]);
    expect(certificateNames(spec, spec.hosts[1]!)).toEqual(['px1', '10.20.0.21', 'localhost', '127.0.0.1']);
  });

  it('VIPs and the names before them', () => {
    const spec = specOf(3, { endpoints: { ...VIPS, primary: { host: 'primary.example', vip: '10.20.0.100' } } });
    expect(certificateNames(spec, spec.hosts[0]!)).toEqual([
      ...own,
      'primary.example',
      '10.20.0.100',
      '10.20.0.101',
      '10.20.0.102',
    ]);
  });
});
