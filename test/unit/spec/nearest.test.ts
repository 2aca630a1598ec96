import { expect, it } from 'vitest';

import { nearest } from '../../../src/spec/nearest.ts';

it.each([
  ['clster', 'cluster'],
  ['Hosts', 'hosts'],
  ['hsots', 'hosts'],
  ['replcation', 'replication'],
  ['zzz', undefined],
  ['db', undefined],
])('%s is most like %s', (word, expected) => {
  expect(nearest(word, ['cluster', 'hosts', 'replication', 'os'])).toBe(expected);
});
