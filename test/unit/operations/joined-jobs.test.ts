import { describe, expect, it } from 'vitest';

import type { MemberState } from '../../../src/cluster/member-state.ts';
import { primaryStage } from '../../../src/operations/apply/primary.ts';
import { standbyStage } from '../../../src/operations/apply/standby.ts';
import type { HostSurvey, Survey } from '../../../src/operations/survey.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { specOf, targetOf } from '../../support/target.ts';

const EMPTY = { data: 'none', isLeader: false, isPatroniRunning: false } as MemberState;
const START_JOB = /systemd-run/u;
const NOTHING = AbortSignal.timeout(60_000);

const job = (sub: string): { stdout: string } => ({
  stdout: `Result=success\nExecMainStatus=0\nActiveState=active\nSubState=${sub}\n\n`,
});

/** A host on which an earlier run's job makes the data directory, and has ended after so many looks at it. */
function hostWithJob(name: string, unit: string, looks: number): FakeHost {
  let left = looks;
  return new FakeHost(name)
    .answer(/./u)
    .answer(/PG_VERSION/u, () => ({ stdout: left > 0 ? 'none' : 'whole' }))
    .answer(/pg_is_in_recovery/u, () => ({ stdout: left > 0 ? '' : 'primary' }))
    .answer(/^(?:pid=.*\n)?systemctl show -p ActiveState/u, (script) => {
      if (!script.includes(unit) || left === 0) return job('exited');
      left -= 1;
      return job('running');
    });
}

function surveyOf(hosts: readonly FakeHost[], leader?: string): Survey {
  const spec = specOf(hosts.length);
  const surveys = hosts.map((host) => {
    const each = { target: targetOf(spec, host.name), host, member: { ...EMPTY, isLeader: host.name === leader } };
    return each as unknown as HostSurvey;
  });
  const primary = surveys.find(({ member }) => member?.isLeader);
  return { session: paperSession(spec, hosts), hosts: surveys, primary } as unknown as Survey;
}

describe('a data directory that an earlier run’s job is about to finish', () => {
  it('is not initialised again', async () => {
    const host = hostWithJob('pg1', 'pgscale-initialise', 1);
    const [step] = primaryStage(surveyOf([host])).steps;
    await step?.run(() => undefined, NOTHING);
    expect(host.runs.filter(({ script }) => START_JOB.test(script))).toEqual([]);
    expect(host.runs.at(-1)?.script).toContain('systemctl start');
  });

  it('is not seeded again', async () => {
    const primary = hostWithJob('pg1', 'pgscale-seed', 0);
    // Twice as the member is looked at, and once for itself.
    const host = hostWithJob('pg2', 'pgscale-seed', 3);
    const [step] = standbyStage(surveyOf([primary, host], 'pg1'), {}).steps;
    const told: string[] = [];
    await step?.run((line) => told.push(line), NOTHING);
    expect(host.runs.filter(({ script }) => START_JOB.test(script))).toEqual([]);
    expect(told).toContain('starting Patroni');
  });
});
