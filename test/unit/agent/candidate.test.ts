import { describe, expect, it } from 'vitest';

import { membersAhead } from '../../../src/agent/candidate.ts';

const at = (member: string, bytes: number, timeline?: number) => ({ member, bytes, timeline });

describe('membersAhead', () => {
  it('names who has WAL beyond ours', () => {
    expect(membersAhead({ bytes: 100, timeline: 2 }, [at('pg1', 0, 2), at('pg2', 100, 2), at('pg3', 101, 2)])).toEqual([
      'pg3',
    ]);
  });

  it('counts who is on a newer timeline, and who does not say on which', () => {
    expect(membersAhead({ bytes: 100, timeline: 2 }, [at('pg2', 101, 3), at('pg3', 101)])).toEqual(['pg2', 'pg3']);
    expect(membersAhead({ bytes: 100, timeline: undefined }, [at('pg2', 101, 1)])).toEqual(['pg2']);
  });

  it('does not count what is left of an older timeline', () => {
    expect(membersAhead({ bytes: 100, timeline: 3 }, [at('pg2', 500, 2)])).toEqual([]);
  });
});
