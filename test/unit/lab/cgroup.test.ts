import { describe, expect, it } from 'vitest';

import { findHierarchies } from '../../../src/lab/cgroup.ts';

const HYBRID = `25 20 0:22 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/memory rw,relatime - cgroup memory rw,memory
34 25 0:31 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
35 25 0:32 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const PURE = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n';

describe('findHierarchies', () => {
  it('finds both trees of a machine that mounts v1 and v2', () => {
    expect(findHierarchies(HYBRID)).toEqual({
      unified: '/sys/fs/cgroup/unified',
      all: ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'],
    });
  });

  it('finds the one tree of a machine that mounts v2 only', () => {
    expect(findHierarchies(PURE)).toEqual({ unified: '/sys/fs/cgroup', all: ['/sys/fs/cgroup'] });
  });

  it('finds none where v2 is missing', () => {
    expect(findHierarchies(HYBRID.replaceAll('cgroup2', 'other'))).toBeUndefined();
  });
});
