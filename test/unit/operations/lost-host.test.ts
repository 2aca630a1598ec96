import { describe, expect, it } from 'vitest';

import { execOnHosts } from '../../../src/operations/exec.ts';
import { setMaintenance } from '../../../src/operations/maintenance.ts';
import { lookAtPoolers, reloadPoolers, resumePoolers } from '../../../src/operations/pooler.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { specOf } from '../../support/target.ts';

const spec = specOf(3);

/** Patroni of a standby in a paused cluster whose primary's host is dead, until somebody resumes it. */
function pausedStandby(name: string, { refuses = false } = {}): FakeHost & { isPaused: boolean } {
  const host = Object.assign(new FakeHost(name), { isPaused: true });
  const member = {
    state: 'running',
    role: 'replica',
    dcs_last_seen: 1,
    patroni: { version: '4.1.4', scope: 'orders', name },
  };
  const members = ['pg2', 'pg3'].map((each) => ({
    name: each,
    role: 'replica',
    state: 'running',
    api_url: 'https://',
  }));
  return host
    .answer(/audit/u)
    .answer(/\/patroni/u, () => ({ stdout: JSON.stringify({ ...member, pause: host.isPaused }) }))
    .answer(/\/cluster/u, () => ({ stdout: JSON.stringify({ members, pause: host.isPaused }) }))
    .answer(/\/config/u, () => (refuses ? { stdout: 'no etcd\n503' } : { stdout: '{}\n200' }));
}

describe("with the primary's host dead", () => {
  it('`resume` is told to any Patroni that takes it, and nobody need lead', async () => {
    const [pg2, pg3] = [pausedStandby('pg2', { refuses: true }), pausedStandby('pg3')];
    pg3.answer(/\/config/u, () => {
      pg2.isPaused = false;
      pg3.isPaused = false;
      return { stdout: '{}\n200' };
    });
    const result = await setMaintenance(paperSession(spec, [pg2, pg3]), false);
    expect(result).toEqual({ isPaused: false, isChanged: true, primary: null });
    expect(pg2.runs.some(({ script }) => script.includes('/config'))).toBe(true);
  });

  it('a refusal of all is told', async () => {
    const hosts = [pausedStandby('pg2', { refuses: true })];
    await expect(setMaintenance(paperSession(spec, hosts), false)).rejects.toMatchObject({ code: 'PGS_REMOTE_ANSWER' });
  });
});

describe('with one host dead', () => {
  const choice = { deadlineMs: 1000 };

  it('a program runs on the others, and nowhere when the dead one is chosen', async () => {
    const pg2 = new FakeHost('pg2').answer(/uptime/u, { stdout: 'up\n' });
    const session = paperSession(spec, [pg2]);
    const results = await execOnHosts(session, { ...choice, hosts: ['pg2'] }, ['uptime'], () => undefined);
    expect(results).toMatchObject([{ host: 'pg2', stdout: 'up\n' }]);
    pg2.runs.length = 0;
    const both = execOnHosts(session, { ...choice, hosts: ['pg1', 'pg2'] }, ['uptime'], () => undefined);
    await expect(both).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE', host: 'pg1' });
    expect(pg2.runs).toEqual([]);
  });

  it('its poolers are not asked for, and all of them cannot be had', async () => {
    const session = paperSession(spec, []);
    await expect(reloadPoolers(session, ['pg3'])).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE', host: 'pg3' });
  });

  const poolerHost = (name: string, answer: string): FakeHost =>
    new FakeHost(name).answer(/./su).answer(/RESUME/u, { stdout: answer });
  const timerStops = ({ runs }: FakeHost): number =>
    runs.filter(({ script }) => script.startsWith('systemctl stop pgscale-pooler-resume.timer')).length;

  it('the clients of the others go on, and the dead one is told of', async () => {
    const [pg1, pg2] = [poolerHost('pg1', '1|0|RESUME'), poolerHost('pg2', '1|0|RESUME')];
    const resumed = resumePoolers(paperSession(spec, [pg1, pg2]), []);
    await expect(resumed).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE', host: 'pg3' });
    expect([timerStops(pg1), timerStops(pg2)]).toEqual([1, 1]);
  });

  it('a pooler that is not resumed keeps the timer that resumes it', async () => {
    const host = poolerHost('pg1', '1|124|');
    const resumed = resumePoolers(paperSession(spec, [host]), ['pg1']);
    await expect(resumed).rejects.toMatchObject({ code: 'PGS_POOLER', host: 'pg1' });
    expect(timerStops(host)).toBe(0);
  });

  it('the poolers of the others are shown, and the dead one when it was not named', async () => {
    const session = paperSession(spec, [poolerHost('pg1', ''), poolerHost('pg2', '')]);
    expect((await lookAtPoolers(session, [])).problems).toEqual(['pg3: no route']);
    await expect(lookAtPoolers(session, ['pg3'])).rejects.toMatchObject({ code: 'PGS_HOST_UNREACHABLE' });
  });
});
