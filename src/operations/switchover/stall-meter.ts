import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { POOLER_TIMINGS } from '../../components/pgbouncer/timings.ts';
import { messageOf } from '../../errors/message.ts';
import type { Spec } from '../../spec/schema.ts';
import { endpoint } from '../../spec/topology.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { loginOf } from '../url.ts';

const PAUSE_MS = 20;
const CONNECT_TIMEOUT_MS = 3000;
/** A write that a pooler holds ends by PgBouncer's own deadline; this much later its host is taken for dead. */
const ANSWER_SPARE_MS = 5000;
const KEEPALIVE_DELAY_MS = 1000;
/** For the last write and the goodbye. */
const GOODBYE_MS = 1000;
/** A write that reaches the disk (and the synchronous standby) without needing a table. */
const WRITE = "select pg_logical_emit_message(true, 'pgscale', 'switchover')";

type Login = Omit<pg.ClientConfig, 'host' | 'port'>;

/** A connection, and what it goes over: that can be ended when nobody answers any more. */
export interface Writer {
  readonly client: Pick<pg.Client, 'query' | 'end'>;
  readonly socket: Pick<Socket, 'destroy'>;
}

/** One client of the pool endpoint that writes all the time, and notes how long it went without an acknowledgement. */
export class StallMeter implements AsyncDisposable {
  #longestMs = 0;
  #lastAckAt: number | undefined;
  #isOver = false;
  readonly #errors: string[] = [];
  readonly #writer: Writer | undefined;
  #loop: Promise<void> = Promise.resolve();

  private constructor(writer: Writer | undefined) {
    this.#writer = writer;
  }

  /** Returns when the first write was acknowledged, or when it is clear that this machine gets no connection. */
  static async start(session: ClusterSession): Promise<StallMeter> {
    return StallMeter.with(await connect(session));
  }

  /** The same with a connection that is there already; none: nothing is measured. */
  static async with(writer: Writer | undefined): Promise<StallMeter> {
    const meter = new StallMeter(writer);
    if (writer !== undefined) {
      await meter.#write(writer);
      meter.#loop = meter.#writeOn(writer);
    }
    return meter;
  }

  /** What was seen so far; a write that is still waited for counts. */
  result(): { writeStallMs: number | null; writerErrors: string[] } {
    if (this.#lastAckAt === undefined) return { writeStallMs: null, writerErrors: this.#errors };
    const openMs = this.#errors.length === 0 ? performance.now() - this.#lastAckAt : 0;
    return { writeStallMs: Math.round(Math.max(this.#longestMs, openMs)), writerErrors: this.#errors };
  }

  /** Takes about a second at most: behind the connection there may be nobody any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.race([this.#loop, sleep(GOODBYE_MS, undefined, { ref: false })]);
    this.#writer?.socket.destroy();
  }

  async #writeOn(writer: Writer): Promise<void> {
    while (!this.#isOver && this.#errors.length === 0) {
      await this.#write(writer);
      await sleep(PAUSE_MS);
    }
    await writer.client.end().catch(() => undefined);
  }

  async #write({ client }: Writer): Promise<void> {
    try {
      await client.query(WRITE);
    } catch (error) {
      this.#errors.push(messageOf(error));
      return;
    }
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - (this.#lastAckAt ?? now));
    this.#lastAckAt = now;
  }
}

/** How long the writer waits for one acknowledgement: longer than any hold lasts. Pure. */
export function answerTimeoutMs(spec: Spec): number {
  return POOLER_TIMINGS[spec.failover.profile].queryWaitSeconds * 1000 + ANSWER_SPARE_MS;
}

/** To the pool endpoint as clients see it; where this machine may not, through SSH to the pooler of a host. */
async function connect(session: ClusterSession): Promise<Writer | undefined> {
  const { spec, secrets } = session;
  if (spec.databases.length === 0) return undefined;
  const { database, role, password } = loginOf({ spec, secrets }, {});
  const login: Login = {
    database,
    user: role,
    password,
    ssl: { ca: secrets.ca.certificate },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs(spec),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_DELAY_MS,
  };
  const { hosts, port } = endpoint(spec, 'pool');
  for (const host of hosts) {
    const writer = await attempt(login, host, port);
    if (writer !== undefined) return writer;
  }
  for (const host of session.fleet.hosts.values()) {
    const forward = await host.forward('127.0.0.1', port);
    const writer = await attempt(login, '127.0.0.1', forward.port);
    if (writer !== undefined) return writer;
    await forward[Symbol.asyncDispose]();
  }
  return undefined;
}

async function attempt(login: Login, host: string, port: number): Promise<Writer | undefined> {
  const socket = new Socket();
  const client = new pg.Client({ ...login, host, port, application_name: 'pgscale switchover', stream: () => socket });
  // A connection that breaks while nothing is asked is noticed at the next write.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { client, socket };
  } catch {
    socket.destroy();
    return undefined;
  }
}
