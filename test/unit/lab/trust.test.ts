import { describe, expect, it } from 'vitest';

import { makeCertificates } from '../../../src/lab/object-store/certificates.ts';
import { extraCertificates } from '../../../src/lab/trust.ts';

describe('extraCertificates', () => {
  it('finds what the machine trusts and the image does not, each once, however the text is laid out', async () => {
    const [one, two] = await Promise.all([makeCertificates('one', ['a.test']), makeCertificates('two', ['b.test'])]);
    const machine = `# a comment\n${one.ca}\n\n${two.ca}\n${two.ca}`;
    expect(extraCertificates(machine, one.ca.trim())).toEqual([two.ca.trim()]);
    expect(extraCertificates(one.ca, `${two.ca}\n${one.ca}`)).toEqual([]);
    expect(extraCertificates('', one.ca)).toEqual([]);
  });
});
