import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { endpoint } from '../../spec/topology.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { loginOf } from '../url.ts';
import { messageOf } from '../../errors/message.ts';

const PAUSE_MS = 20;
const CONNECT_TIMEOUT_MS = 3000;
/** A write that reaches the disk (and the synchronous standby) without needing a table. */
const WRITE = "select pg_logical_emit_message(true, 'pgscale', 'switchover')";

type Login = Omit<pg.ClientConfig, 'host' | 'port'>;

/** One client of the pool endpoint that writes all the time, and notes how long it went without an acknowledgement. */
export class StallMeter implements AsyncDisposable {
  #longestMs = 0;
  #lastAckAt: number | undefined;
  #isOver = false;
  readonly #errors: string[] = [];
  #loop: Promise<void> = Promise.resolve();

  /** Returns when the first write was acknowledged, or when it is clear that this machine gets no connection. */
  static async start(session: ClusterSession): Promise<StallMeter> {
    const meter = new StallMeter();
    const client = await connect(session);
    if (client !== undefined) {
      client.on('error', () => undefined);
      await meter.#write(client);
      meter.#loop = meter.#writeOn(client);
    }
    return meter;
  }

  result(): { writeStallMs: number | null; writerErrors: string[] } {
    const writeStallMs = this.#lastAckAt === undefined ? null : Math.round(this.#longestMs);
    return { writeStallMs, writerErrors: this.#errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#loop;
  }

  async #writeOn(client: pg.Client): Promise<void> {
    while (!this.#isOver && this.#errors.length === 0) {
      await this.#write(client);
      await sleep(PAUSE_MS);
    }
    await client.end().catch(() => undefined);
  }

  async #write(client: pg.Client): Promise<void> {
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

/** To the pool endpoint as clients see it; where this machine may not, through SSH to the pooler of a host. */
async function connect(session: ClusterSession): Promise<pg.Client | undefined> {
  const { spec, secrets } = session;
  if (spec.databases.length === 0) return undefined;
  const { database, role, password } = loginOf({ spec, secrets }, {});
  const ssl = { ca: secrets.ca.certificate };
  const login = { database, user: role, password, ssl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
  const { hosts, port } = endpoint(spec, 'pool');
  for (const host of hosts) {
    const client = await attempt(login, host, port);
    if (client !== undefined) return client;
  }
  for (const host of session.fleet.hosts.values()) {
    const forward = await host.forward('127.0.0.1', port);
    const client = await attempt(login, '127.0.0.1', forward.port);
    if (client !== undefined) return client;
    await forward[Symbol.asyncDispose]();
  }
  return undefined;
}

async function attempt(login: Login, host: string, port: number): Promise<pg.Client | undefined> {
  const client = new pg.Client({ ...login, host, port, application_name: 'pgscale switchover' });
  try {
    await client.connect();
    return client;
  } catch {
    await client.end().catch(() => undefined);
    return undefined;
  }
}
