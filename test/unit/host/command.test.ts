import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cmd, quote, sh } from '../../../src/host/command.ts';

const anyWord = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0'));
const run = (script: string): string => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });

describe('quoting', () => {
  test('any string arrives as one word', () => {
    fc.assert(
      fc.property(anyWord, (value) => {
        expect(run(sh`printf %s ${value}`.script)).toBe(Buffer.from(value).toString());
      }),
      { numRuns: 60 },
    );
  });

  test('a list arrives as separate words, an empty string as an empty word', () => {
    expect(run(sh`printf '<%s>' ${['a b', '', "it's", '$HOME', '-n']}`.script)).toBe("<a b><><it's><$HOME><-n>");
  });

  test('a nested command is put in as it is', () => {
    expect(run(sh`test -n x && ${cmd('printf', '%s', 'a;b')}`.script)).toBe('a;b');
  });

  test('a NUL byte is refused', () => {
    expect(() => quote('a\0b')).toThrow('NUL');
  });
});
