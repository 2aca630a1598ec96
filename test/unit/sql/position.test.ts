import { describe, expect, it } from 'vitest';

import { MEMBER } from '../../../src/sql/member.ts';
import { POSITION } from '../../../src/sql/position.ts';

describe("a standby's timeline", () => {
  it.each([POSITION, MEMBER])(
    'is the greatest of all that it is known by, not only that of its last checkpoint',
    ({ text }) => {
      const [, sources = ''] = /greatest\(([\s\S]*?)\)\s*else/u.exec(text) ?? [];
      expect(sources).toMatch(
        /received_tli[\s\S]*pg_control_checkpoint[\s\S]*min_recovery_end_timeline[\s\S]*pg_ls_waldir/u,
      );
    },
  );
});
