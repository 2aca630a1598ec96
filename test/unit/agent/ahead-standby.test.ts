import { describe, expect, it } from 'vitest';

import { AheadStandby } from '../../../src/agent/guard/ahead-standby.ts';

describe('a standby that may be ahead of a new primary', () => {
  it('is asked about while it does not stream, not for ever, and again when it comes back', () => {
    const ahead = new AheadStandby({ program: 'psql', socketDirectory: '/run', port: 5432 });
    expect(ahead.due({ idlePositionBytes: undefined })).toBeUndefined();
    const asked = Array.from({ length: 100 }, () => ahead.due({ idlePositionBytes: 5 }));
    expect(asked[0]).toBe(5);
    expect(asked.filter((position) => position !== undefined)).toHaveLength(30);
    expect(ahead.due({ idlePositionBytes: undefined })).toBeUndefined();
    expect(ahead.due({ idlePositionBytes: 0 })).toBe(0);
  });
});
