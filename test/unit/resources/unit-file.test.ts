import { describe, expect, it } from 'vitest';

import { converge } from '../../../src/resources/converge.ts';
import { dropIn, unitFile } from '../../../src/resources/unit-file.ts';
import { FakeHost } from '../../support/fake-host.ts';

const unit = 'haproxy.service';
const path = `/etc/systemd/system/${unit}.d/pgscale.conf`;
const mark = `/run/pgscale/unread/${unit}`;
const content = '# Managed by pgscale\n[Service]\nEnvironment="CONFIG=/etc/pgscale/haproxy/haproxy.cfg"\n';
const settings = dropIn({ unit, content, notifies: [{ unit, how: 'restart' }] });

describe('a unit and what pgscale sets over it', () => {
  it('leaves a mark before the file is written, which goes when systemd has read it', async () => {
    const host = new FakeHost().answer(/^mkdir/u).answer(/^systemctl daemon-reload/u);
    await converge(host, [settings]);
    expect(host.runs.map(({ script }) => script)).toEqual([
      `mkdir -p /run/pgscale/unread /etc/systemd/system/${unit}.d && touch ${mark}`,
      `systemctl daemon-reload && rm -f ${mark}`,
    ]);
    expect((await host.readFile(path))?.content).toBe(content);
  });

  it('has systemd read what a run that was cut off has written, although the file is right', async () => {
    const host = new FakeHost().file(path, content).file(mark, '');
    expect(settings.diff(await settings.read(host))).toEqual({
      action: 'reload',
      summary: `have systemd read ${path}, which it has not done yet`,
    });
    expect(settings.notifies).toEqual([{ unit, how: 'restart' }]);
  });

  it('has nothing to do where file and systemd agree', async () => {
    const host = new FakeHost().file(path, content);
    expect(settings.diff(await settings.read(host))).toBeUndefined();
  });

  it('does not touch a unit that somebody else has written', async () => {
    const own = unitFile({ unit: 'pgscale-guard.service', content });
    const host = new FakeHost().file('/etc/systemd/system/pgscale-guard.service', '[Service]\nExecStart=/bin/true\n');
    expect(own.foreign?.(await own.read(host))).toContain('was not written by pgscale');
  });
});
