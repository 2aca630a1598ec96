import { readMember } from '../../components/patroni/client.ts';
import type { Host } from '../../host/host.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { checkpoint, MOVE_DEADLINE_MS, movePrimary, pausePoolers, resumePoolers, type Move } from './move.ts';
import { Valve } from './valve.ts';

/** When each part was over, in milliseconds. */
export interface Timeline {
  /** Waiting for running transactions to end. */
  readonly pauseMs: number;
  /** From the request to the promotion. */
  readonly moveMs: number;
  /** Until the poolers had let their clients go on. */
  readonly resumeMs: number;
  readonly heldMs: number;
}

export interface SwitchoverRun {
  readonly stages: readonly Stage[];
  /** Resumes the poolers and ends the valves; may be called twice. */
  release(): Promise<void>;
  timeline(): Timeline;
}

const FOLLOW_DEADLINE_MS = 120_000;

/** The stages of a switchover. What must not take a moment too long (the middle stage) is prepared in the first. */
export function switchoverStages(plan: Omit<Move, 'valves'> & { readonly hosts: readonly Host[] }): SwitchoverRun {
  const valves: Valve[] = [];
  const move: Move = { ...plan, valves };
  const times: number[] = [];
  const timed = async (work: Promise<void>): Promise<void> => {
    if (times.length === 0) times.push(performance.now());
    await work;
    times.push(performance.now());
  };
  const step = (id: string, title: string, deadlineMs: number, run: Step['run']): Step => ({
    id,
    title,
    deadlineMs,
    run,
  });
  const arm = (host: Host): Step => ({
    ...step(`arm:${host.name}`, `Arm the pooler valve on ${host.name}`, 30_000, async () => {
      valves.push(await Valve.arm(host, plan.session.spec));
    }),
    host: host.name,
  });
  const stages: Stage[] = [
    {
      title: 'Prepare',
      serial: false,
      steps: [
        step('checkpoint', `Checkpoint on ${plan.from}`, 11 * 60_000, () => checkpoint(move)),
        ...plan.hosts.map(arm),
      ],
    },
    {
      title: 'Move the primary',
      serial: true,
      steps: [
        step('pause', 'Pause the poolers', plan.pauseTimeoutMs + 1000, () => timed(pausePoolers(move))),
        step('move', `Move the primary to ${plan.to}`, MOVE_DEADLINE_MS + 1000, (report) =>
          timed(movePrimary(move, report)),
        ),
        step('resume', 'Resume the poolers', 10_000, () => timed(resumePoolers(valves))),
      ],
    },
    {
      title: 'Settle',
      steps: [
        step('follow', `${plan.from} follows as a standby`, FOLLOW_DEADLINE_MS + 1000, (report, signal) =>
          follow(plan.session, plan.from, report, signal),
        ),
      ],
    },
  ];
  return {
    stages,
    release: async () => {
      await Promise.all(valves.splice(0).map((valve) => valve[Symbol.asyncDispose]()));
    },
    timeline: () => timelineOf(times),
  };
}

function timelineOf(times: readonly number[]): Timeline {
  const [start = 0, paused = start, moved = paused, resumed = moved] = times.map(Math.round);
  return { pauseMs: paused - start, moveMs: moved - paused, resumeMs: resumed - moved, heldMs: resumed - start };
}

/** Waits until the former primary streams from the new one. */
async function follow(session: ClusterSession, name: string, report: Report, signal: AbortSignal): Promise<void> {
  const host = session.spec.hosts.find((each) => each.name === name);
  if (host === undefined) return;
  let seen = 'no answer';
  const wait = { what: `${name} to follow`, host: name, deadlineMs: FOLLOW_DEADLINE_MS, signal, why: async () => seen };
  await waitFor(wait, async () => {
    const member = await readMember(session.host(name), { spec: session.spec, host });
    seen = member === undefined ? 'no answer' : `${member.role}, ${member.replication_state ?? member.state}`;
    report(seen);
    return member?.role === 'replica' && member.replication_state === 'streaming' ? member : undefined;
  });
}
