import { describe, expect, test } from 'vitest';

import { parseFacts } from '../../../src/host/facts.ts';

const ANSWER = `osId=debian
osVersion=13
osCodename=trixie
architecture=x86_64
kernel=6.12.41
hostname=pg1
cpuCount=4
memoryKb=16384000
diskBytes=500000000000
diskFreeBytes=400000000000
openFilesMax=524288
interface:127.0.0.1/8=lo
interface:10.20.0.11/24=ens18
interface:10.20.0.1/24=wrong
interface:10.20.0.31=ppp0
interface:fd00::1/64=ens18
clockS=1700000000.250000000`;

const read = (answer: string, address = '10.20.0.11'): ReturnType<typeof parseFacts> =>
  parseFacts('pg1', answer, { address, nowMs: 1_700_000_000_000 });

describe('facts', () => {
  test('are read with their units', () => {
    expect(read(ANSWER)).toMatchObject({
      osId: 'debian',
      osVersion: '13',
      memoryBytes: 16_384_000 * 1024,
      cpuCount: 4,
      addresses: ['127.0.0.1', '10.20.0.11', '10.20.0.1', '10.20.0.31', 'fd00::1'],
      interface: 'ens18',
      clockSkewMs: 250,
    });
  });

  test('an address that no interface holds has none, nor has the beginning of another address', () => {
    expect(read(ANSWER, '10.20.0.99').interface).toBeUndefined();
    expect(read(ANSWER, '10.20.0').interface).toBeUndefined();
  });

  test('an address counts on a point-to-point link, and in every spelling', () => {
    expect(read(ANSWER, '10.20.0.31').interface).toBe('ppp0');
    expect(read(ANSWER, 'FD00:0::0001').interface).toBe('ens18');
  });

  test('a host that does not answer sensibly is named, with its answer', () => {
    const answer = ANSWER.replace('cpuCount=4', 'cpuCount=') + '\nnproc: command not found';
    expect(() => read(answer)).toThrow(expect.objectContaining({ code: 'PGS_REMOTE_ANSWER', host: 'pg1' }));
  });
});
