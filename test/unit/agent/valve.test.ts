import { describe, expect, it } from 'vitest';

import { passwordOf } from '../../../src/agent/valve/door.ts';
import { redirectConnection, redirectPasswords } from '../../../src/agent/valve/standby.ts';

describe('what the valve reads and writes', () => {
  it("finds a password in PgBouncer's userlist, quotes and all", () => {
    const userlist = '"other" "no"\n"pgscale_pooler" "a ""b"" c"\n';
    expect(passwordOf('pgscale_pooler', userlist)).toBe('a "b" c');
    expect(() => passwordOf('nobody', userlist)).toThrow('no password of nobody');
  });

  it('leads the standby to another address, and nothing else', () => {
    const config = "primary_conninfo = 'user=r host=10.0.0.1 port=5432'\nlisten_addresses = 'host=10.0.0.1 '\n";
    expect(redirectConnection(config, '10.0.0.1', '10.0.0.2')).toBe(
      "primary_conninfo = 'user=r host=10.0.0.2 port=5432'\nlisten_addresses = 'host=10.0.0.1 '\n",
    );
    expect(redirectConnection(config, '10.0.0.11', '10.0.0.2')).toBe(config);
  });

  it.each([
    ['10.0.0.1:5432:*:r:pw:10.0.0.1:\n', '10.0.0.1', '10.0.0.2', '10.0.0.2:5432:*:r:pw:10.0.0.1:\n'],
    ['10.0.0.11:5432:*:r:pw\n', '10.0.0.1', '10.0.0.2', '10.0.0.11:5432:*:r:pw\n'],
    [String.raw`fd00\:\:1:5432:*:r:pw`, 'fd00::1', 'fd00::2', String.raw`fd00\:\:2:5432:*:r:pw`],
  ])('knows the password under another address: %s', (text, from, to, expected) => {
    expect(redirectPasswords(text, from, to)).toBe(expected);
  });
});
