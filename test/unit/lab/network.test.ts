import { describe, expect, it } from 'vitest';

import { bridgeAddress, ruleset } from '../../../src/lab/network.ts';

const NETWORK = { lab: 'e2e-one', cidr: '10.77.1.0/24', gateway: '10.77.1.1' };

describe('ruleset', () => {
  it('hides the hosts behind the machine for everything but their own network', () => {
    const text = ruleset({ ...NETWORK, loopbackPorts: [] });
    expect(text).toContain('ip saddr 10.77.1.0/24 ip daddr != 10.77.1.0/24 masquerade');
    expect(text).not.toContain('dnat');
    expect(text).toContain('table bridge pgscale_lab_e2e_one {');
  });

  it('opens the named ports of loopback to the hosts and to nobody else', () => {
    const text = ruleset({ ...NETWORK, loopbackPorts: [53, 3142] });
    const rules = text.split('\n').filter((line) => line.includes('dnat'));
    expect(rules).toHaveLength(2);
    expect(rules.every((rule) => rule.includes('iifname "pgl-e2e-one" ip daddr 10.77.1.1'))).toBe(true);
    expect(rules[1]).toContain('th dport 3142');
  });
});

it('the address of a bridge is a locally administered one, different for every lab', () => {
  expect(bridgeAddress('10.77.239.1')).toBe('02:70:0a:4d:ef:01');
});
