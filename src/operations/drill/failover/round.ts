import { setTimeout as sleep } from 'node:timers/promises';

import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { waitFor } from '../../../run/deadline.ts';
import type { Report } from '../../../run/step.ts';
import type { HostSpec } from '../../../spec/schema.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import type { Workload } from '../workload/index.ts';
import { armFault, type ArmedFault, type FaultChoice } from './fault.ts';
import type { PowerSwitch } from './machines.ts';
import { assess, type RoundFacts } from './assess.ts';
import type { Deadlines } from './deadlines.ts';
import type { Round } from './report.ts';
import { untilRedundant } from './redundant.ts';
import { lostWrites } from '../workload/ledger.ts';

/** What all rounds of a drill have in common. */
export interface RoundContext {
  readonly session: ClusterSession;
  readonly workload: Workload;
  readonly choice: FaultChoice;
  readonly power: PowerSwitch | undefined;
  readonly deadlines: Deadlines;
}

const CALM_MS = 1000;
const CALM_DEADLINE_MS = 30_000;
const LOOK_MS = 50;
const COMPARE_TRIES = 5;

/** One round: the fault, and what the clients see until the cluster is whole again. */
export class RoundRun {
  readonly #context: RoundContext;
  readonly #number: number;
  #fault: ArmedFault | undefined;

  constructor(context: RoundContext, number: number) {
    this.#context = context;
    this.#number = number;
  }

  /** @throws PgscaleError PGS_INTERRUPTED, PGS_REMOTE_COMMAND, PGS_DRILL_POWER; what the cluster fails in is in the round */
  async run(report: Report, signal: AbortSignal): Promise<Round> {
    const { session, choice, power, deadlines, workload } = this.#context;
    report('waiting for calm');
    workload.forget();
    const target = await this.#calm(signal);
    const undoAfterMs = deadlines.undoAfterMs;
    const scene = { spec: session.spec, target, host: session.host(target.name), power, undoAfterMs };
    this.#fault = await armFault(choice, scene);
    await sleep(Math.random() * deadlines.jitterMs, undefined, { signal }).catch(() => undefined);
    report(`${target.name} is hit`);
    const at = new Date();
    await this.#fault.inject();
    const facts = await this.#follow(target, at, report, signal);
    return assess(facts, await this.#lost(signal), session.spec);
  }

  /** Takes the fault back; for a round that was cut off, too. */
  async undo(): Promise<void> {
    await this.#fault?.undo();
  }

  async #follow(target: HostSpec, at: Date, report: Report, signal: AbortSignal): Promise<RoundFacts> {
    const { session, deadlines, workload, choice } = this.#context;
    const faultMs = at.getTime();
    report('waiting for the first write');
    const server = await this.#server(target, faultMs, signal);
    await sleep(deadlines.holdMs, undefined, { signal }).catch(() => undefined);
    await this.#fault?.undo();
    const undoneMs = choice.kind === 'crash' ? null : Date.now() - faultMs;
    const leader = session.spec.hosts.find(({ address }) => address === server)?.name ?? target.name;
    const wait = { leader, deadlineMs: deadlines.redundancyMs, report, signal };
    const whole = await untilRedundant(session, wait).then(
      (primary) => ({ primary, why: undefined }),
      (error: unknown) => ({ primary: null, why: onlyDeadline(error) }),
    );
    return {
      number: this.#number,
      target,
      at,
      primary: whole.primary,
      undoneMs,
      redundantMs: whole.primary === null ? null : Date.now() - faultMs,
      missing: whole.why,
      seen: {
        faultMs,
        endMs: Date.now(),
        victim: target.address,
        acknowledged: [...workload.writer.acknowledged],
        writeErrors: [...workload.writer.errors],
        freshReads: [...workload.prober.reads],
        readErrors: [...workload.prober.errors],
        transactions: workload.holder.transactions.map((each) => ({ ...each })),
      },
    };
  }

  /** The primary that a second of writes without a fault names. */
  async #calm(signal: AbortSignal): Promise<HostSpec> {
    const { session, workload } = this.#context;
    const since = Date.now();
    const wait = { what: 'calm before the fault', deadlineMs: CALM_DEADLINE_MS, pollMs: LOOK_MS, signal };
    return waitFor(wait, async () => {
      const { latest } = workload.writer;
      if (latest === undefined || latest.atMs < since + CALM_MS) return undefined;
      return session.spec.hosts.find(({ address }) => address === latest.server);
    });
  }

  /** Who takes writes after the fault: another server, or the same when it is clear that it stays. Undefined: nobody. */
  async #server(target: HostSpec, faultMs: number, signal: AbortSignal): Promise<string | undefined> {
    const { workload, deadlines } = this.#context;
    const wait = { what: 'a write', deadlineMs: deadlines.writeMs, pollMs: LOOK_MS, signal };
    return waitFor(wait, async () => {
      const { latest } = workload.writer;
      if (latest === undefined || latest.atMs < faultMs) return undefined;
      if (latest.server !== target.address) return latest.server;
      const now = Date.now();
      const stays = now - faultMs > deadlines.stayMs && now - latest.atMs < CALM_MS;
      return stays ? latest.server : undefined;
    }).catch((error: unknown) => {
      onlyDeadline(error);
      return undefined;
    });
  }

  async #lost(signal: AbortSignal): Promise<number[]> {
    const { acknowledged } = this.#context.workload.writer;
    const written = [...acknowledged];
    if (written.length === 0) return [];
    const firstId = written.reduce((least, { id }) => Math.min(least, id), Infinity);
    for (let tries = 1; ; tries += 1) {
      try {
        return lostWrites(written, await this.#context.workload.ledger.idsFrom(firstId));
      } catch (error) {
        if (tries === COMPARE_TRIES || signal.aborted) throw error;
        await sleep(1000);
      }
    }
  }
}

/** What a wait that ran out of time says; everything else goes on being thrown. */
function onlyDeadline(error: unknown): string {
  if (error instanceof PgscaleError && error.code === 'PGS_WAIT_DEADLINE') return error.why ?? error.message;
  throw error;
}
