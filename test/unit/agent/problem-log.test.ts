import { expect, it } from 'vitest';

import { ProblemLog } from '../../../src/agent/guard/problem-log.ts';

it('tells of a problem once, of another one at once, and of the same again when it was gone', () => {
  const told: string[] = [];
  const log = new ProblemLog((problem) => told.push(problem));
  log.note(new Error('masked\n'));
  log.note(new Error('masked'));
  log.note(new Error('no answer'));
  log.forget();
  log.note(new Error('no answer'));
  expect(told).toEqual(['masked', 'no answer', 'no answer']);
});
