import type { PreparedRequest } from '../../components/patroni/client.ts';
import type { Host } from '../../host/host.ts';
import type { Stage, Step } from '../../run/step.ts';
import { follow, FOLLOW_DEADLINE_MS } from './follow.ts';
import {
  checkpoint,
  MOVE_DEADLINE_MS,
  movePrimary,
  pausePoolers,
  prepareRequest,
  resumePoolers,
  routePoolers,
  type Move,
} from './move.ts';
import { Valve } from './valve.ts';
import { votesSteps } from './votes.ts';

/** When each part was over, in milliseconds. */
export interface Timeline {
  /** Waiting for running transactions to end. */
  readonly pauseMs: number;
  /** From the request to the promotion. */
  readonly moveMs: number;
  /** Until a write by the way of the poolers came through on every host. */
  readonly routeMs: number;
  /** Until the poolers had let their clients go on. */
  readonly resumeMs: number;
  readonly heldMs: number;
}

const CHECKPOINT_DEADLINE_MS = 11 * 60_000;
const PREPARE_DEADLINE_MS = 30_000;
const ROUTE_DEADLINE_MS = 10_000;
const RESUME_DEADLINE_MS = 10_000;

/** One switchover: its stages, and what has to be given back however it ends. */
export class SwitchoverRun {
  readonly #move: Move;
  readonly #hosts: readonly Host[];
  readonly #valves: Valve[] = [];
  #request: PreparedRequest | undefined;
  /** When the middle stage began, and when each of its steps was over. */
  readonly #times: number[] = [];

  constructor(plan: Omit<Move, 'valves' | 'request'>, hosts: readonly Host[]) {
    this.#hosts = hosts;
    this.#move = { ...plan, valves: this.#valves, request: () => this.#prepared() };
  }

  /** What must not take a moment too long (the middle stage) is prepared in the first. */
  stages(): { prepare: Stage; move: Stage; settle: Stage } {
    const { session, from, to, pauseTimeoutMs } = this.#move;
    const moving = [
      step('pause', 'Pause the poolers', pauseTimeoutMs + 1000, () => this.#timed(this.#pause())),
      step('move', `Move the primary to ${to}`, MOVE_DEADLINE_MS + 1000, () => this.#timed(movePrimary(this.#move))),
      step('route', `Lead the poolers to ${to}`, ROUTE_DEADLINE_MS, () =>
        this.#timed(routePoolers(this.#valves, from, to)),
      ),
      step('resume', 'Resume the poolers', RESUME_DEADLINE_MS, () => this.#timed(resumePoolers(this.#valves))),
    ];
    const following = step('follow', `${from} follows as a standby`, FOLLOW_DEADLINE_MS + 1000, (report, signal) =>
      follow(session, from, report, signal),
    );
    return {
      prepare: { title: 'Prepare', steps: this.#preparations() },
      // Clients that were let go in the middle would meet a primary that is stopping.
      move: { title: 'Move the primary', serial: true, whole: true, steps: moving },
      settle: { title: 'Settle', steps: [following] },
    };
  }

  timeline(): Timeline {
    const [start = 0, paused = start, moved = paused, routed = moved, resumed = routed] = this.#times.map(Math.round);
    return {
      pauseMs: paused - start,
      moveMs: moved - paused,
      routeMs: routed - moved,
      resumeMs: resumed - routed,
      heldMs: resumed - start,
    };
  }

  /** Resumes the poolers and ends the valves; may be called twice. Gives the hosts that did not answer to it. */
  async release(): Promise<string[]> {
    const valves = this.#valves.splice(0);
    await Promise.all([...valves.map((valve) => valve[Symbol.asyncDispose]()), this.#request?.[Symbol.asyncDispose]()]);
    return valves.filter(({ isResumed }) => !isResumed).map(({ host }) => host);
  }

  #preparations(): Step[] {
    const arm = (host: Host): Step => ({
      ...step(`arm:${host.name}`, `Arm the pooler valve on ${host.name}`, PREPARE_DEADLINE_MS, async () => {
        this.#valves.push(await Valve.arm(host));
      }),
      host: host.name,
    });
    return [
      step('checkpoint', `Checkpoint on ${this.#move.from}`, CHECKPOINT_DEADLINE_MS, () => checkpoint(this.#move)),
      step('request', 'Prepare the request to Patroni', PREPARE_DEADLINE_MS, async () => {
        this.#request = await prepareRequest(this.#move);
      }),
      ...votesSteps(this.#move.session, this.#move.from),
      ...this.#hosts.map(arm),
    ];
  }

  async #pause(): Promise<void> {
    const { from, to } = this.#move;
    const on = (name: string): Valve | undefined => this.#valves.find(({ host }) => host === name);
    await Promise.all([pausePoolers(this.#move), on(from)?.leave(), on(to)?.expect()]);
  }

  #prepared(): PreparedRequest {
    if (this.#request === undefined) throw new Error('the request was not prepared');
    return this.#request;
  }

  async #timed(work: Promise<void>): Promise<void> {
    if (this.#times.length === 0) this.#times.push(performance.now());
    await work;
    this.#times.push(performance.now());
  }
}

function step(id: string, title: string, deadlineMs: number, run: Step['run']): Step {
  return { id, title, deadlineMs, run };
}
