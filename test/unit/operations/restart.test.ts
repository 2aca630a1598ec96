import { describe, expect, it } from 'vitest';

import { changesPostmasterParameter, lowersStandbyParameter } from '../../../src/operations/apply/restart.ts';

describe('lowersStandbyParameter', () => {
  it.each([
    ['-max_connections: 500\n+max_connections: 333', true],
    ['-max_connections: 500\n+max_connections: 600', false],
    ['-max_wal_senders: 20\n-ttl: 30\n+max_wal_senders: 5\n+ttl: 20', true],
    ['-ttl: 30\n+ttl: 20', false],
    ['+max_connections: 100', false],
  ])('%j: %s', (diff, expected) => {
    expect(lowersStandbyParameter(diff)).toBe(expected);
  });
});

describe('changesPostmasterParameter', () => {
  it.each([
    ["-work_mem = '4MB'\n+work_mem = '7MB'", false],
    ["-shared_buffers = '1GB'\n+shared_buffers = '2GB'", true],
    ['-max_connections: 500\n+max_connections: 333', true],
    [' shared_buffers = 1GB', false],
  ])('%j: %s', (diff, expected) => {
    expect(changesPostmasterParameter(diff)).toBe(expected);
  });
});
