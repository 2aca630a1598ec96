import { describe, expect, it } from 'vitest';

import { AheadStandby } from '../../../src/agent/guard/ahead-standby.ts';

describe('a standby that may be ahead of a new primary', () => {
  it('is asked about while it does not stream, not for ever, and again when it comes back', () => {
    const ahead = new AheadStandby({ program: 'psql', socketDirectory: '/run', port: 5432 });
    expect(ahead.isDue({ idlePositionBytes: undefined })).toBe(false);
    const asked = Array.from({ length: 100 }, () => ahead.isDue({ idlePositionBytes: 5 }));
    expect(asked[0]).toBe(true);
    expect(asked.filter((isDue) => isDue)).toHaveLength(30);
    expect(ahead.isDue({ idlePositionBytes: undefined })).toBe(false);
    expect(ahead.isDue({ idlePositionBytes: 5 })).toBe(true);
  });
});
