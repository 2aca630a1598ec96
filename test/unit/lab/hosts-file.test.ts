import { describe, expect, it } from 'vitest';

import type { LabDocument } from '../../../src/lab/document.ts';
import { hostsFileOf, hostsLines, withBlock } from '../../../src/lab/hosts-file.ts';

const LAB = {
  name: 'dev',
  domain: 'dev.test',
  gateway: '10.77.1.1',
  hosts: [{ name: 'pg1', fqdn: 'pg1.dev.test', address: '10.77.1.11', zone: 'a' }],
  vips: { primary: '10.77.1.201', replica: '10.77.1.202', pool: '10.77.1.203' },
} as LabDocument;

describe('withBlock', () => {
  const before = '127.0.0.1 localhost\n10.0.0.1 mine\n';

  it('adds a marked block, and without lines gives back the very text from before', () => {
    const after = withBlock(before, 'dev', hostsLines(LAB));
    expect(after).toContain('10.77.1.201 primary.dev.test');
    expect(after.startsWith(before)).toBe(true);
    expect(withBlock(after, 'dev', [])).toBe(before);
  });

  it('replaces the block of its own lab only', () => {
    const two = withBlock(withBlock(before, 'dev', ['1.1.1.1 old']), 'devel', ['2.2.2.2 other']);
    const after = withBlock(two, 'dev', ['3.3.3.3 new']);
    expect(after).not.toContain('1.1.1.1');
    expect(after).toContain('# BEGIN pgscale lab devel\n2.2.2.2 other\n# END pgscale lab devel');
    expect(withBlock(withBlock(after, 'dev', []), 'devel', [])).toBe(before);
  });

  it('changes nothing when there is no block to remove', () => {
    expect(withBlock(before, 'dev', [])).toBe(before);
  });
});

it('a host finds its peers and the endpoints, and its own name is not on loopback', () => {
  const lines = hostsFileOf(LAB).split('\n');
  expect(lines).toContain('10.77.1.11 pg1');
  expect(lines).toContain('10.77.1.11 pg1.dev.test pg1.dev');
  expect(lines).toContain('10.77.1.1 store.dev.test');
  expect(lines.filter((line) => line.startsWith('127.'))).toEqual(['127.0.0.1 localhost']);
});
