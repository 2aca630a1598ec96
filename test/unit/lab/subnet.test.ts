import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  chooseSubnet,
  endpointAddresses,
  hostAddress,
  isTaken,
  parseSubnet,
  subnetFor,
} from '../../../src/lab/subnet.ts';

describe('parseSubnet', () => {
  it('takes a private /24 apart', () => {
    expect(parseSubnet('192.168.7.0/24')).toEqual({
      prefix: '192.168.7',
      cidr: '192.168.7.0/24',
      gateway: '192.168.7.1',
    });
    expect(parseSubnet('172.31.0.0/24')?.prefix).toBe('172.31.0');
  });

  it.each(['10.77.1.0/16', '10.77.1.1/24', '8.8.8.0/24', '172.32.0.0/24', '10.300.0.0/24', '10.77.1', ''])(
    'refuses %j',
    (text) => {
      expect(parseSubnet(text)).toBeUndefined();
    },
  );
});

describe('chooseSubnet', () => {
  it('gives the same lab the same network, and goes on to the next when that is in use', () => {
    const first = chooseSubnet('dev', []);
    const second = chooseSubnet('dev', [first?.cidr ?? '']);
    expect(chooseSubnet('dev', [])).toEqual(first);
    expect(second?.cidr).toMatch(/^10\.77\.\d+\.0\/24$/u);
    expect(second).not.toEqual(first);
  });

  it('never overlaps a network or a resolver in use', () => {
    const third = fc.integer({ min: 0, max: 255 });
    const used = fc.array(
      fc.oneof(
        third.map((n) => `10.77.${n}.0/24`),
        third.map((n) => `10.77.${n}.53`),
      ),
    );
    fc.assert(
      fc.property(used, (networks) => {
        const subnet = chooseSubnet('lab', networks);
        expect(networks.some((network) => network.startsWith(`${subnet?.prefix ?? 'none'}.`))).toBe(false);
      }),
    );
  });

  it('gives up when a wider network covers the whole range', () => {
    expect(chooseSubnet('lab', ['10.0.0.0/8'])).toBeUndefined();
    expect(() => subnetFor('lab', undefined, ['10.0.0.0/8'])).toThrow('cannot be used for the lab lab');
  });
});

describe('isTaken', () => {
  it.each([
    ['10.77.5.0/24', ['10.77.5.128/25'], true],
    ['10.77.5.0/24', ['10.77.4.0/23'], true],
    ['10.77.5.0/24', ['10.77.5.9'], true],
    ['10.77.5.0/24', ['10.77.6.0/24', '10.77.4.255', '0.0.0.0/32'], false],
    ['192.168.255.0/24', ['192.168.0.0/16'], true],
  ])('%s beside %j: %s', (cidr, used, expected) => {
    expect(isTaken(cidr, used)).toBe(expected);
  });
});

it('addresses of nine hosts, the gateway and the endpoints are all different', () => {
  const subnet = parseSubnet('10.77.5.0/24')!;
  const hosts = Array.from({ length: 9 }, (_, index) => hostAddress(subnet, index));
  const all = [...hosts, subnet.gateway, ...Object.values(endpointAddresses(subnet))];
  expect(new Set(all).size).toBe(13);
  expect(hosts[0]).toBe('10.77.5.11');
});
