import { describe, expect, it } from 'vitest';

import { afterAddition } from '../../../../src/operations/membership/add.ts';
import type { NewHost } from '../../../../src/spec/edit.ts';
import { parseSpec } from '../../../../src/spec/load.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { specText } from '../../../support/spec-text.ts';

describe('a host that is to be added and is in the spec already', () => {
  const text = specText();
  const spec = parseSpec(text).spec as Spec;
  const [first] = spec.hosts;
  const again = (more: Partial<NewHost>): NewHost => ({
    name: first?.name ?? '',
    address: first?.address ?? '',
    roles: ['database', 'proxy'],
    ...more,
  });

  it('is no mistake when it is the same: the run before was cut off', () => {
    expect(afterAddition(text, spec, [again({})]).text).toBe(text);
    expect(afterAddition(text, spec, [again({ zone: first?.zone })]).text).toBe(text);
  });

  it.each([
    ['at another address', { address: '10.9.9.9' }],
    ['in another zone', { zone: 'elsewhere' }],
    ['with another address for SSH', { sshAddress: '192.0.2.1' }],
  ])('is refused %s, and nothing of it is left out in silence', (_, more) => {
    expect(() => afterAddition(text, spec, [again(more)])).toThrow(
      expect.objectContaining({ code: 'PGS_MEMBERSHIP_REFUSED' }),
    );
  });
});
