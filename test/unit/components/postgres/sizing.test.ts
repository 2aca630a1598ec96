import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sizing, type Sizing } from '../../../../src/components/postgres/sizing.ts';
import { roundedMemoryMb, sharedBuffersMb } from '../../../../src/spec/memory.ts';
import { specOf } from '../../../support/target.ts';

const GB = 2 ** 30;
const MB = 2 ** 20;
const spec = specOf(3);
const sized = (memoryGb: number, diskGb: number, cpuCount: number): Sizing =>
  sizing(spec, { memoryBytes: memoryGb * GB, diskBytes: diskGb * GB, cpuCount });

describe('sizing', () => {
  it.each([
    // memory, disk, cores → shared_buffers MB, work_mem kB, maintenance MB, max_wal MB, slots MB, workers
    [1, 10, 1, 256, 1092, 64, 1024, 2048, 3],
    [8, 100, 2, 2048, 8738, 512, 2560, 20_480, 3],
    [32, 500, 8, 8192, 40_195, 2048, 12_800, 102_400, 3],
    [256, 4000, 64, 65_536, 262_144, 2048, 16_384, 819_200, 16],
    [1024, 20_000, 128, 65_536, 262_144, 2048, 16_384, 4_096_000, 32],
  ])('%i GB, disk %i GB, %i cores', (...[memory, disk, cores, buffers, work, maintenance, wal, slots, workers]) => {
    expect(sized(memory, disk, cores)).toMatchObject({
      sharedBuffersMb: buffers,
      workMemKb: work,
      maintenanceWorkMemMb: maintenance,
      maxWalMb: wal,
      slotWalMb: slots,
      ioWorkers: workers,
    });
  });

  it('does not change with what another kernel reports: a few MB more or less', () => {
    const near = (bytes: number): Sizing => sizing(spec, { memoryBytes: bytes, diskBytes: 100 * GB, cpuCount: 4 });
    expect(near(8 * GB + 3 * MB)).toEqual(near(8 * GB + 90 * MB));
  });

  const memory = fc.integer({ min: 512, max: 4 * 1024 ** 2 }).map((mb) => mb * MB);
  const disk = fc.integer({ min: 5, max: 100_000 }).map((gb) => gb * GB);
  const cpuCount = fc.integer({ min: 1, max: 512 });
  const backends = fc.integer({ min: 1, max: 1000 });

  it('never gives away more memory than the host has, with every backend sorting at once', () => {
    fc.assert(
      fc.property(memory, disk, cpuCount, backends, (memoryBytes, diskBytes, cores, count) => {
        const size = sizing(specOf(3, { pooler: { backends: count } }), { memoryBytes, diskBytes, cpuCount: cores });
        const usedMb =
          size.sharedBuffersMb +
          (count * size.workMemKb) / 1024 +
          3 * size.autovacuumWorkMemMb +
          size.maintenanceWorkMemMb;
        expect(usedMb).toBeLessThanOrEqual(memoryBytes / MB);
        expect(size.effectiveCacheMb).toBeLessThanOrEqual(memoryBytes / MB);
      }),
    );
  });

  it('never takes more WAL than a fifth of the disk plus its least', () => {
    fc.assert(
      fc.property(memory, disk, (memoryBytes, diskBytes) => {
        const size = sizing(spec, { memoryBytes, diskBytes, cpuCount: 4 });
        expect(size.slotWalMb).toBeLessThanOrEqual(Math.max(2048, diskBytes / MB / 5));
        expect(size.maxWalMb).toBeLessThanOrEqual(size.slotWalMb);
        expect(size.minWalMb).toBeLessThan(size.maxWalMb);
      }),
    );
  });

  it('grows with the host', () => {
    fc.assert(
      fc.property(memory, memory, disk, disk, (m1, m2, d1, d2) => {
        const small = sizing(spec, { memoryBytes: Math.min(m1, m2), diskBytes: Math.min(d1, d2), cpuCount: 2 });
        const large = sizing(spec, { memoryBytes: Math.max(m1, m2), diskBytes: Math.max(d1, d2), cpuCount: 8 });
        for (const key of Object.keys(small) as (keyof Sizing)[]) expect(large[key]).toBeGreaterThanOrEqual(small[key]);
      }),
    );
  });
});

describe('shared buffers of the spec', () => {
  it.each([
    ['8GB', 8192],
    ['1024MB', 1024],
    [131_072, 1024],
    ['1048576kB', 1024],
    ['nonsense', 2048],
  ])('%s', (value, expected) => {
    const own = specOf(1, { postgres: { parameters: { shared_buffers: value } } });
    expect(sharedBuffersMb(own, 8 * GB)).toBe(expected);
  });

  it('rounds memory down to 256 MB, and never to nothing', () => {
    expect([0, 100, 511, 512, 24_100].map((mb) => roundedMemoryMb(mb * MB))).toEqual([256, 256, 256, 512, 24_064]);
  });
});
