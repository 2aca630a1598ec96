import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AheadStandby } from './ahead-standby.ts';
import { clusterView, type ClusterView } from './cluster-view.ts';
import { decide, watching, type Action, type GuardState, type Observation } from './decide.ts';
import { EtcdGateway } from '../etcd-gateway.ts';
import { Nudge } from './nudge.ts';
import { wakePatroni } from '../patroni-rest.ts';
import { PatroniUnit } from './patroni-unit.ts';
import { postgresProcesses } from '../postgres-processes.ts';
import { PostmasterProbe } from './postmaster-probe.ts';
import { ProblemLog } from './problem-log.ts';
import type { GuardSettings } from './settings.ts';
import { messageOf } from '../../errors/message.ts';

/** There while Patroni is stopped by us, so that a guard that was itself killed then starts Patroni again. */
const FENCE_MARK = '/run/pgscale/guard-fence';
const BUSY_TICK_MS = 20;
const START_PAUSE_MS = 2000;
/** Between two attempts of etcd's leader to leave this host, the first of which may have met a member that was just back. */
const LEAVE_AGAIN_MS = 3000;

/** Watches the member of this host and acts on what `decide` says. */
export class Guard {
  readonly #settings: GuardSettings;
  readonly #etcd: EtcdGateway;
  readonly #patroni: PatroniUnit;
  readonly #nudge = new Nudge();
  readonly #ahead: AheadStandby;
  readonly #postmaster: PostmasterProbe;
  readonly #log: (text: string) => void;
  readonly #leaveProblem: ProblemLog;
  readonly #startProblem: ProblemLog;
  readonly #dataDirectory: string;
  #state: GuardState;
  #cluster: ClusterView | undefined;
  #isLooking = false;
  #leaveAgainAtMs = 0;

  constructor(settings: GuardSettings, log: (text: string) => void) {
    this.#settings = settings;
    this.#log = log;
    this.#leaveProblem = new ProblemLog((problem) => log(`etcd keeps its leader here: ${problem}`));
    this.#startProblem = new ProblemLog((problem) => log(`start: ${problem}`));
    this.#dataDirectory = realDirectory(settings.dataDirectory);
    this.#etcd = new EtcdGateway(settings.etcd);
    this.#patroni = new PatroniUnit(settings.unit, settings.timings.steadyMs);
    this.#ahead = new AheadStandby(settings.psql);
    this.#postmaster = new PostmasterProbe(this.#dataDirectory);
    const now = performance.now();
    this.#state = existsSync(FENCE_MARK) ? { phase: 'starting', atMs: now } : watching(now);
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#log(`guards ${this.#settings.member} in ${this.#dataDirectory}`);
    while (!signal.aborted) {
      const before = this.#state.phase;
      const { state, action } = decide(this.#state, this.#observe(), this.#settings.timings);
      this.#state = state;
      await this.#perform(action, before).catch((error: unknown) => this.#log(`${action.kind}: ${messageOf(error)}`));
      const isCalm = state.phase === 'watching' && state.crashedMs === 0;
      await sleep(isCalm ? this.#settings.timings.tickMs : BUSY_TICK_MS);
    }
  }

  #observe(): Observation {
    const nowMs = performance.now();
    return {
      nowMs,
      postmaster: this.#postmaster.read(),
      isStandby: this.#postmaster.isStandby(),
      patroni: this.#patroni.read(nowMs),
      processes: this.#state.phase === 'watching' ? undefined : postgresProcesses(this.#dataDirectory).length,
      cluster: this.#cluster,
    };
  }

  async #perform(action: Action, before: GuardState['phase']): Promise<void> {
    switch (action.kind) {
      case 'wait':
        if (before === 'starting') this.#finish();
        return;
      case 'look':
        this.#look();
        return;
      case 'fence':
        if (before !== 'fencing') this.#log(`${action.why}: ending Patroni and PostgreSQL`);
        await this.#fence();
        return;
      case 'revoke':
        this.#log(`nothing is left running: revoking lease ${action.leaseId}`);
        this.#cluster = undefined;
        await this.#etcd.revoke(action.leaseId);
        return;
      case 'start':
        if (before !== 'starting') this.#log('starting Patroni');
        await this.#start();
        return;
      case 'thaw':
        this.#log('Patroni is stopped: ending it, so that it is started again');
        await this.#patroni.kill();
    }
  }

  /** Asks etcd without waiting for it: the processes are looked at meanwhile. */
  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#ask(performance.now())
      .then((view) => this.#heard(view))
      .catch((error: unknown) => this.#log(`etcd: ${messageOf(error)}`))
      .finally(() => (this.#isLooking = false));
  }

  async #ask(nowMs: number): Promise<ClusterView> {
    const { etcd, member } = this.#settings;
    const view = clusterView(await this.#etcd.keys(), { prefix: etcd.prefix, member }, nowMs);
    if (view.leaseId === undefined) return view;
    const { secondsLeft, grantedSeconds } = await this.#etcd.lease(view.leaseId);
    return { ...view, leaseSeconds: secondsLeft, leaseGrantedSeconds: grantedSeconds };
  }

  #heard(view: ClusterView): void {
    this.#cluster = view;
    if (isCalmLeader(view)) void this.#leaveEtcdLeadership();
    const ahead = this.#ahead.due(view);
    if (ahead !== undefined) void this.#passWhoIsAhead(ahead);
    if (!this.#nudge.isDue(view)) return;
    this.#log('a standby that streams has no vote, or a voter is away: Patroni is woken');
    wakePatroni(this.#settings.rest).catch((error: unknown) => this.#log(`waking Patroni: ${messageOf(error)}`));
  }

  async #passWhoIsAhead(positionBytes: number): Promise<void> {
    try {
      if (await this.#ahead.pass(positionBytes))
        this.#log('a standby had a piece of WAL beyond ours: we are past it now');
    } catch (error) {
      this.#log(`a standby does not stream, and PostgreSQL was not to be asked why: ${messageOf(error)}`);
    }
  }

  /**
   * An etcd that loses its leader grants every lease its whole life again, so the loss of a host that has both the primary and
   * etcd's leader would cost up to another lease (docs/decisions/failover-timings.md).
   */
  async #leaveEtcdLeadership(): Promise<void> {
    const { ownEtcdUrl } = this.#settings;
    if (ownEtcdUrl === undefined || performance.now() < this.#leaveAgainAtMs) return;
    this.#leaveAgainAtMs = performance.now() + LEAVE_AGAIN_MS;
    try {
      if (await this.#etcd.moveLeaderFrom(ownEtcdUrl))
        this.#log('this host has the primary: etcd is led by another one now');
      this.#leaveProblem.forget();
    } catch (error) {
      this.#leaveProblem.note(error);
    }
  }

  /** A unit that may not be started (masked) is tried again until it may. */
  async #start(): Promise<void> {
    try {
      await this.#patroni.start();
      await sleep(this.#settings.timings.tickMs);
    } catch (error) {
      this.#startProblem.note(error);
      await sleep(START_PAUSE_MS);
    }
  }

  async #fence(): Promise<void> {
    mkdirSync(dirname(FENCE_MARK), { recursive: true });
    writeFileSync(FENCE_MARK, '');
    await this.#patroni.end();
    for (const pid of postgresProcesses(this.#dataDirectory)) kill(pid);
  }

  #finish(): void {
    rmSync(FENCE_MARK, { force: true });
    this.#startProblem.forget();
    this.#log('Patroni runs again');
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** Not in the middle of a move, and not while somebody works on the cluster. */
function isCalmLeader({ isLeader, isMoving, isPaused }: ClusterView): boolean {
  return isLeader && !isMoving && !isPaused;
}

function realDirectory(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
