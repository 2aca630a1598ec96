import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  bridgeName,
  cableName,
  defaultHostNames,
  groupName,
  HOST_NAME,
  LAB_NAME,
  labOf,
  machineName,
  requireLabName,
  tableName,
  zonesFor,
} from '../../../src/lab/naming.ts';

const labs = fc.stringMatching(/^[a-z]([a-z0-9-]{0,9}[a-z0-9])?$/u);
const hosts = fc.stringMatching(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/u);

describe('names of a lab', () => {
  it('fit into the 15 characters of a network interface, whatever the lab and the host are called', () => {
    fc.assert(
      fc.property(labs, hosts, (lab, host) => {
        expect(bridgeName(lab).length).toBeLessThanOrEqual(15);
        expect(cableName(lab, host).length).toBeLessThanOrEqual(15);
      }),
    );
  });

  it('lead back to the lab', () => {
    fc.assert(
      fc.property(labs, (lab) => {
        expect([bridgeName(lab), groupName(lab), tableName(lab)].map(labOf)).toEqual([lab, lab, lab]);
      }),
    );
  });

  it.each(['eth0', 'docker0', 'pgl-', 'pgscale-lab-../etc', 'filter', 'pgscale_lab_UPPER'])(
    '%s is none of a lab',
    (name) => {
      expect(labOf(name)).toBeUndefined();
    },
  );

  it('are readable when short, and never the same for two hosts', () => {
    expect(machineName('lab', 'pg1')).toBe('lab-pg1');
    expect(machineName('a-b', 'c')).not.toBe(machineName('a', 'b-c'));
    expect(machineName('lab', 'database-eu-1')).not.toBe(machineName('lab', 'database-eu-2'));
    expect(machineName('lab', 'database-eu-1')).toMatch(/^lab-[0-9a-f]{7}$/u);
  });

  it.each(['../x', '', 'a/b', 'Lab', '1lab', 'lab-', 'averylongname', 'a b', '.'])('%j is refused', (name) => {
    expect(() => requireLabName(name)).toThrow('a lab cannot be called');
    expect(LAB_NAME.test(name)).toBe(false);
  });

  it.each(['pg1', 'a', 'db-eu-1'])('%s is a name for a host', (name) => {
    expect(HOST_NAME.test(name)).toBe(true);
  });
});

describe('defaults', () => {
  it('names hosts and zones by their place', () => {
    expect(defaultHostNames(3)).toEqual(['pg1', 'pg2', 'pg3']);
    expect(zonesFor(3)).toEqual(['a', 'b', 'c']);
    expect(zonesFor(5, ['x', 'y'])).toEqual(['x', 'y', 'x', 'y', 'x']);
  });
});
