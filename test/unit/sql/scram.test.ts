import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { matchesVerifier, scramVerifier } from '../../../src/sql/scram.ts';

describe('scramVerifier', () => {
  it('agrees with the exchange of RFC 7677', () => {
    // https://datatracker.ietf.org/doc/html/rfc7677#section-3 (user, pencil), as a PostgreSQL verifier.
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('matches its own password and no other', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (password, other) => {
        const verifier = scramVerifier(password, Buffer.from('0123456789abcdef'), 2);
        expect(matchesVerifier(verifier, password)).toBe(true);
        if (password.normalize('NFKC') !== other.normalize('NFKC'))
          expect(matchesVerifier(verifier, other)).toBe(false);
      }),
    );
  });

  it('does not match an md5 password', () => {
    expect(matchesVerifier('md5c37b41b0f0ff3d4a2a2d0b6d7a6b1e5f', 'x')).toBe(false);
  });
});
