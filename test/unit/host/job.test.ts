import { describe, expect, test } from 'vitest';

import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import { clearJob, followJob, jobState, joinJob, startJob } from '../../../src/host/job.ts';
import { FakeHost, type Answer } from '../../support/fake-host.ts';

const unit = (active: string, sub: string, more = 'Result=success\nExecMainStatus=0', log = ''): Answer => ({
  stdout: `${more}\nActiveState=${active}\nSubState=${sub}\n\n${log}`,
});
const LOOK = /^(?:pid=.*\n)?systemctl show -p ActiveState/u;
const quick = { deadlineMs: 5000, pollMs: 1 };

/** A host whose unit goes through these states, one at each look. */
function hostWith(...states: (Answer | Error)[]): FakeHost {
  return new FakeHost().answer(LOOK, () => {
    const [next] = states.length > 1 ? states.splice(0, 1) : states;
    if (next instanceof Error) throw next;
    return next!;
  });
}

const lost = new PgscaleError('PGS_HOST_UNREACHABLE', { what: 'lost', host: 'pg1' });
const failed = unit('failed', 'failed', 'Result=exit-code\nExecMainStatus=3', 'no space left');

describe('jobState', () => {
  test.each([
    ['inactive', 'dead', 'absent'],
    ['active', 'running', 'running'],
    ['activating', 'start', 'running'],
    ['active', 'exited', 'succeeded'],
  ])('%s (%s) is %s', async (active, sub, state) => {
    expect(await jobState(hostWith(unit(active, sub)), 'seed')).toMatchObject({ state });
  });

  test('a failed one comes with status and log, empty lines included', async () => {
    const state = await jobState(hostWith(unit('failed', 'failed', 'Result=signal\nExecMainStatus=9', 'a\n\nb')), 'x');
    expect(state).toEqual({ state: 'failed', exitCode: 9, result: 'signal', log: 'a\n\nb' });
  });

  test('an answer that is none is an error, not "absent"', async () => {
    const host = hostWith({ exitCode: 1, stderr: 'Failed to connect to bus' });
    await expect(jobState(host, 'x')).rejects.toMatchObject({ code: 'PGS_REMOTE_ANSWER', why: /bus/u });
  });
});

describe('followJob', () => {
  test('waits for the end, tells of new lines once, and rides out a lost connection', async () => {
    const running = unit('active', 'running', undefined, 'one');
    const host = hostWith(running, running, lost, unit('active', 'exited', undefined, 'one\ntwo'));
    const seen: string[] = [];
    expect(await followJob(host, 'seed', { ...quick, onProgress: (log) => seen.push(log) })).toBe('one\ntwo');
    expect(seen).toEqual(['one', 'one\ntwo']);
  });

  test('it is the host that waits, for a process and for no longer than we want to hear of it', async () => {
    const host = hostWith(unit('active', 'running'), unit('active', 'exited'));
    await followJob(host, 'seed', { deadlineMs: 5000, pollMs: 500 });
    expect(host.reads).toHaveLength(2);
    expect(host.reads[0]).toMatch(/MainPID --value pgscale-seed\.service.*timeout 0\.5 tail --pid="\$pid"/u);
  });

  test('a host that stays silent is given up', async () => {
    await expect(followJob(hostWith(lost), 'x', { ...quick, silenceMs: 20 })).rejects.toBe(lost);
  });

  test('a failed job ends the wait with its log', async () => {
    const error = { code: 'PGS_JOB_FAILED', message: /status 3/u, why: 'no space left', host: 'pg1' };
    await expect(followJob(hostWith(unit('active', 'running'), failed), 'x', quick)).rejects.toMatchObject(error);
  });

  test('a job that is gone is not waited for', async () => {
    const host = hostWith(unit('active', 'running'), unit('inactive', 'dead'));
    await expect(followJob(host, 'x', quick)).rejects.toMatchObject({ code: 'PGS_JOB_LOST' });
  });

  test('has a deadline, and hears of an interruption', async () => {
    const host = hostWith(unit('active', 'running'));
    await expect(followJob(host, 'x', { deadlineMs: 10, pollMs: 1 })).rejects.toMatchObject({
      code: 'PGS_REMOTE_DEADLINE',
    });
    const signal = AbortSignal.timeout(5);
    await expect(followJob(host, 'x', { ...quick, signal })).rejects.toMatchObject({ code: 'PGS_INTERRUPTED' });
  });

  test('a progress display that fails, or hangs, does not hold up the wait', async () => {
    const host = hostWith(unit('active', 'running'), unit('active', 'exited'));
    const hanging = { ...quick, onPoll: () => new Promise<void>(() => undefined) };
    await expect(followJob(host, 'x', hanging)).resolves.toBe('');
    const onPoll = (): Promise<void> => Promise.reject(new Error('no progress today'));
    await expect(followJob(host, 'x', { ...quick, onPoll })).resolves.toBe('');
  });
});

describe('joinJob', () => {
  test('waits for one that an earlier run left running', async () => {
    const host = hostWith(unit('active', 'running'), unit('active', 'running'), unit('active', 'exited'));
    const told: string[] = [];
    expect(await joinJob(host, 'x', { ...quick, onJoin: () => told.push('joined') })).toBe(true);
    expect(told).toEqual(['joined']);
  });

  test.each([
    ['absent', unit('inactive', 'dead')],
    ['succeeded', unit('active', 'exited')],
    ['failed', failed],
  ])('one that is %s is not waited for', async (_state, answer) => {
    const onJoin = (): never => {
      throw new Error('there is none to join');
    };
    expect(await joinJob(hostWith(answer), 'x', { ...quick, onJoin })).toBe(false);
  });

  test('tells what the one that was joined failed with', async () => {
    const joined = joinJob(hostWith(unit('active', 'running'), failed), 'x', quick);
    await expect(joined).rejects.toMatchObject({ code: 'PGS_JOB_FAILED', why: 'no space left' });
  });
});

describe('startJob', () => {
  test('sends the script by standard input only', async () => {
    const host = new FakeHost().answer(/systemd-run/u);
    await startJob(host, {
      name: 'seed',
      script: 'echo hunter2',
      as: 'postgres',
      properties: ['ReadWritePaths=/a /b'],
    });
    const [run] = host.runs;
    expect(run?.script).not.toContain('hunter2');
    expect(run?.options.stdin).toContain('hunter2');
    expect(run?.script).toContain('--property=User=postgres');
    expect(run?.script).toContain("'--property=ReadWritePaths=/a /b' -- /bin/sh");
  });

  test('clearJob forgets only what has ended', async () => {
    const host = new FakeHost().answer(/^case/u);
    await clearJob(host, 'seed');
    expect(host.runs[0]?.script).not.toMatch(/running\)/u);
  });
});
