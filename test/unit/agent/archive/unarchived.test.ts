import { describe, expect, it } from 'vitest';

import { archivedNames, unarchived } from '../../../../src/agent/archive/unarchived.ts';

const segment = (number: number): string => `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
const CHECKSUM = '0123456789abcdef0123456789abcdef01234567';

describe('what a former primary had not archived', () => {
  const present = new Set([segment(7), segment(8), segment(9), '00000002.history']);
  const marks = [`${segment(9)}.done`, `${segment(8)}.done`, `${segment(7)}.done`, '00000002.history.done'];

  it('is what was taken for archived and is not in the repository', () => {
    const archived = new Set([segment(7), '00000002.history']);
    expect(unarchived(marks, present, archived)).toEqual([segment(8), segment(9)]);
  });

  it('is everything when the repository does not say', () => {
    expect(unarchived(marks, present, undefined)).toEqual([segment(7), segment(8), segment(9), '00000002.history']);
  });

  it('leaves out what waits already, what is gone, partial segments and marks of backups', () => {
    const others = [
      `${segment(8)}.ready`,
      `${segment(3)}.done`,
      `${segment(9)}.partial.done`,
      `${segment(9)}.00000028.backup.done`,
    ];
    expect(unarchived(others, present, new Set())).toEqual([]);
  });
});

it('reads names from a listing of the repository', () => {
  const listing = [
    '18-1/0000000100000000',
    `18-1/0000000100000000/${segment(7)}-${CHECKSUM}.zst`,
    `18-1/0000000100000000/${segment(8)}.partial-${CHECKSUM}.zst`,
    '18-1/00000002.history',
    'archive.info',
  ].join('\n');
  expect(archivedNames(listing)).toEqual(new Set([segment(7), '00000002.history']));
});
