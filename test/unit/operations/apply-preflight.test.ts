import { afterEach, describe, expect, it, vi } from 'vitest';

import type { CheckFinding } from '../../../src/checks/check.ts';
import type { MemberState } from '../../../src/cluster/member-state.ts';
import { judge, pausedFindings } from '../../../src/operations/apply/preflight.ts';
import type { HostSurvey, Survey } from '../../../src/operations/survey.ts';
import type { ProgressStyle } from '../../../src/run/run-stages.ts';
import { eventRun } from '../../../src/run/task-list.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { specOf, targetOf } from '../../support/target.ts';

const WARNING: CheckFinding = {
  id: 'memory-small',
  severity: 'warning',
  host: 'pg1',
  what: 'has 1.5 GiB of memory',
  remedy: 'Give it 2 GiB or more.',
};
const ERROR: CheckFinding = { ...WARNING, id: 'disk-full', severity: 'error', host: 'pg2', what: 'is full' };

function written(stream: NodeJS.WriteStream): () => string {
  const spy = vi.spyOn(stream, 'write').mockReturnValue(true);
  return () => spy.mock.calls.map(([text]) => String(text)).join('');
}

describe('preflight of apply', () => {
  const signal = new AbortController().signal;
  afterEach(() => vi.restoreAllMocks());

  it.each<ProgressStyle>(['list', 'lines'])('tells its warnings on stderr, once (%s)', (style) => {
    const [out, err] = [written(process.stdout), written(process.stderr)];
    judge([WARNING], { style, signal });
    expect(err()).toBe(' ! pg1: has 1.5 GiB of memory. Give it 2 GiB or more.\n');
    expect(out()).toBe('');
  });

  it('tells them as lines of JSON', () => {
    const [out, err] = [written(process.stdout), written(process.stderr)];
    judge([WARNING], eventRun(true, signal));
    const { id, host, what, remedy } = WARNING;
    expect(JSON.parse(out())).toEqual({ event: 'warning', id, host, what, remedy });
    expect(err()).toBe('');
  });

  it('tells them also when an error ends the run', () => {
    const err = written(process.stderr);
    const run = () => judge([WARNING, ERROR], { style: 'lines', signal });
    expect(run).toThrow(expect.objectContaining({ code: 'PGS_CHECK_FAILED', why: 'pg2: is full' }));
    expect(err()).toMatch(/^ ! pg1: .*\n$/u);
  });
});

describe('a paused Patroni, which starts no PostgreSQL', () => {
  const LEADER = { data: 'whole', isLeader: true, isPatroniRunning: true, isPaused: true };
  const STANDBY = { ...LEADER, isLeader: false };
  const NEW = { data: 'none', isLeader: false, isPatroniRunning: false, isPaused: false };

  function surveyOf(...members: object[]): Survey {
    const spec = specOf(members.length);
    const hosts = members.map((member, index) => {
      const name = `pg${index + 1}`;
      const each = { target: targetOf(spec, name), host: new FakeHost(name), member: member as MemberState };
      return each as unknown as HostSurvey;
    });
    return { hosts, primary: hosts.find(({ member }) => member?.isLeader) } as unknown as Survey;
  }

  it.each([
    ['a new standby', [LEADER, STANDBY, NEW], ['pg3']],
    ['a standby whose Patroni is stopped', [LEADER, { ...STANDBY, isPatroniRunning: false }], ['pg2']],
    ['a cluster that nobody leads', [STANDBY, STANDBY], ['pg1', 'pg2']],
    ['nothing when all are at work', [LEADER, STANDBY], []],
    ['nothing when it is not paused', [{ ...LEADER, isPaused: false }, NEW], []],
  ])('stops %s', (_, members, stopped) => {
    const found = pausedFindings(surveyOf(...members));
    expect(found.map(({ host }) => host)).toEqual(stopped);
    expect(found.every(({ severity, remedy }) => severity === 'error' && remedy.includes('pgscale resume'))).toBe(true);
  });
});
