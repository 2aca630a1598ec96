import { describe, expect, it } from 'vitest';

import { destroyCommand } from '../../../src/operations/destroy.ts';
import { specOf, targetOf } from '../../support/target.ts';

const spec = specOf(3, { backup: { repository: { type: 'posix', path: '/repo' }, drill: {} } });
const DATA = '/var/lib/postgresql/18/orders';

describe('destroy', () => {
  it('takes the data and the copies of it along, and what restores beside the cluster have left', () => {
    const { script } = destroyCommand(targetOf(spec, 'pg1'), false);
    expect(script).toContain(`rm -rf -- ${DATA} ${DATA}.seeding ${DATA}.restore ${DATA}.drill `);
    expect(script).toContain('rm -f -- /etc/systemd/system/pgscale-restore-*.service\n');
    expect(script).not.toContain('.before-');
  });

  it('leaves all data where it is when it is told to', () => {
    expect(destroyCommand(targetOf(spec, 'pg1'), true).script).not.toContain(DATA);
  });
});
