import { describe, expect, it } from 'vitest';

import { leaveNotices, mergeNotifications, notice } from '../../../src/resources/notice.ts';
import { FakeHost } from '../../support/fake-host.ts';

const unit = 'haproxy.service';
const path = `/run/pgscale/notices/${unit}`;

describe('mergeNotifications', () => {
  it.each([
    ['reload', 'restart', 'restart'],
    ['restart', 'reload', 'restart'],
    ['reload', 'reload', 'reload'],
    ['replace', 'reload', 'replace'],
    ['replace', 'restart', 'restart'],
  ] as const)('%s and %s of one unit are one %s', (first, second, expected) => {
    expect(
      mergeNotifications([
        { unit, how: first },
        { unit, how: second },
      ]),
    ).toEqual([{ unit, how: expected }]);
  });
});

describe('leaveNotices', () => {
  it('notes only units that run, and never something weaker over something stronger', async () => {
    const host = new FakeHost().answer(/notices/u);
    await leaveNotices(host, [{ unit, how: 'reload' }]);
    expect(host.runs[0]?.script).toContain("in *' active '*|*' activating '*|*' reloading '*)");
    expect(host.runs[0]?.script).toContain(
      `grep -qsxF -e replace -e restart -e reload ${path} || echo reload >${path}`,
    );
  });

  it('asks nothing of a host that has nothing to tell', async () => {
    await leaveNotices(new FakeHost(), []);
  });
});

describe('notice', () => {
  it('is what should be when nothing is left to tell', async () => {
    expect(notice(unit).diff(await notice(unit).read(new FakeHost()))).toBeUndefined();
  });

  it('tells what an interrupted run left, and forgets it only then', async () => {
    const host = new FakeHost().file(path, 'reload\n').answer(/^set -e/u);
    const left = await notice(unit).read(host);
    expect(notice(unit).diff(left)).toEqual({
      action: 'reload',
      summary: 'reload haproxy.service, which has not heard of a change yet',
    });
    await notice(unit).apply(host, left);
    expect(host.runs[0]?.script).toBe(`set -e\nsystemctl try-reload-or-restart ${unit}\nrm -f ${path}`);
  });

  it('fails with the journal of the unit', async () => {
    const host = new FakeHost()
      .answer(/^set -e/u, { exitCode: 1, stderr: 'Job for haproxy.service failed.' })
      .answer(/^journalctl/u, { stdout: 'parsing [haproxy.cfg:3]' });
    await expect(notice(unit).apply(host, 'reload')).rejects.toMatchObject({
      code: 'PGS_UNIT_FAILED',
      why: 'Job for haproxy.service failed.\nparsing [haproxy.cfg:3]',
    });
  });
});
