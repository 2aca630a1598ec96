import { expect, it } from 'vitest';

import type { Plan } from '../../../src/operations/plan.ts';
import { removalText } from '../../../src/ui/membership.ts';

const plan = { hosts: [{ host: 'pg4', changes: [{}, {}] }] } as unknown as Plan;
const what = { cluster: 'orders', hosts: ['pg1'], lost: [], dataDirectory: '/srv/data', plan };

it('says what goes, and that the primary moves away first', () => {
  expect(removalText(what).split('\n')).toEqual([
    'This takes pg1 out of cluster orders.',
    'pg1: everything of pgscale is removed. All data in /srv/data there is deleted.',
    'pg4: 2 changes',
  ]);
  expect(removalText({ ...what, primary: 'pg1' })).toContain('pg1 is the primary: another one is made that first');
});
