import { describe, expect, it } from 'vitest';

import { restartStage } from '../../../src/operations/apply/restart.ts';
import { heldWherePossible } from '../../../src/operations/member-restart/step.ts';
import type { HostSurvey, Survey } from '../../../src/operations/survey.ts';
import { takeLock } from '../../../src/run/lock.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { specOf, targetOf } from '../../support/target.ts';

const hold = { primary: 'pg1', pauseTimeoutMs: 100 };
const { signal } = new AbortController();

/** A primary whose valve says this, whatever it is told; `log` has what happened, in order. */
function primaryWhoseValveSays(text: string, log: string[]): FakeHost {
  const host = new FakeHost('pg1').answer(/psql/u, () => {
    log.push('checkpoint');
    return {};
  });
  host.session = async (_command, hear) => {
    let end: (result: { exitCode: number; stdout: string; stderr: string }) => void = () => undefined;
    const ended = new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => (end = resolve));
    setTimeout(() => hear(text), 1);
    return {
      write: (line) => {
        if (line !== '.\n') log.push(line.trim());
      },
      ended,
      [Symbol.asyncDispose]: async () => end({ exitCode: 0, stdout: '', stderr: '' }),
    };
  };
  return host;
}

function restartOf(host: FakeHost, log: string[], fails = false) {
  const run = async (): Promise<void> => {
    log.push('restart');
    if (fails) throw new Error('does not start');
  };
  const step = { id: 'restart:pg1', title: 'Restart', deadlineMs: 1000, run };
  return heldWherePossible(paperSession(specOf(1), [host]), step, hold);
}

describe('the primary that restarts in place', () => {
  it('does so while the poolers hold their clients', async () => {
    const log: string[] = [];
    const host = primaryWhoseValveSays('armed 2\npaused\nrouted\nresumed\n', log);
    await restartOf(host, log).run(() => undefined, signal);
    expect(log.slice(0, 5)).toEqual(['checkpoint', 'pause', 'restart', 'route nobody pg1', 'resume']);
  });

  it('does so all the same where they cannot, and says it', async () => {
    const log: string[] = [];
    const said: string[] = [];
    const host = primaryWhoseValveSays('armed 2\nresumed\n', log);
    await restartOf(host, log).run((text) => said.push(text), signal);
    expect(log).toEqual(['checkpoint', 'pause', 'resume', 'restart']);
    expect(said).toEqual([expect.stringMatching(/^without holding the poolers: .* pg1 were not paused/u)]);
  });

  it('does not when the lock was lost during the checkpoint', async () => {
    const log: string[] = [];
    const dcs = new FakeHost('dcs1').answer(/flock -n 9/u, { stdout: 'HELD \n' });
    const holder = { user: 'ada', machine: 'desk', pid: 7, command: 'pgscale restart', since: 'now' };
    await using _lock = await takeLock({ cluster: 'orders', hosts: [dcs], voters: 1 }, holder, { forMs: 0 });
    const host = primaryWhoseValveSays('armed 2\npaused\nrouted\nresumed\n', log).answer(/psql/u, () => {
      dcs.sessions.at(-1)?.end();
      dcs.answer(/flock -n 9/u, { stdout: 'BUSY bob@laptop, pid 9: pgscale switchover\n' });
      return {};
    });
    await expect(restartOf(host, log).run(() => undefined, signal)).rejects.toMatchObject({ code: 'PGS_LOCK_LOST' });
    expect(log).toEqual([]);
  });

  it('is not restarted twice when it does not come back', async () => {
    const log: string[] = [];
    const host = primaryWhoseValveSays('armed 2\npaused\nrouted\nresumed\n', log);
    await expect(restartOf(host, log, true).run(() => undefined, signal)).rejects.toThrow('does not start');
    expect(log.filter((each) => each === 'restart')).toHaveLength(1);
  });
});

describe('the plan of an apply that restarts the primary', () => {
  const interruptionWith = (mode: string): string | undefined => {
    const spec = specOf(1, { pooler: { mode }, replication: { synchronous: 0 } });
    const host = new FakeHost('pg1');
    const member = { pendingRestart: ['max_connections'] };
    const primary = { host, target: targetOf(spec, 'pg1'), layers: [], member } as unknown as HostSurvey;
    const survey = { session: paperSession(spec, [host]), hosts: [primary], primary, cluster: [] } as unknown as Survey;
    return restartStage(survey).steps[0]?.interruption;
  };

  it('says what clients of the pool endpoint notice', () => {
    expect(interruptionWith('transaction')).toContain('clients of the pool endpoint wait');
    expect(interruptionWith('session')).toContain('sessions of the pool endpoint break');
  });
});
