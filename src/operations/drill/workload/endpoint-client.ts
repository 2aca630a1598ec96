import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import type { Cluster } from '../../../spec/cluster.ts';
import { endpoint, type EndpointName } from '../../../spec/topology.ts';
import { READ_ONLY } from '../../../spec/urls.ts';
import { loginOf, type UrlChoice } from '../../url.ts';

/** Makes a connection, or throws what a client is told. */
export type Connect = () => Promise<pg.Client>;

const CONNECT_TIMEOUT_MS = 2000;
/** An application gives up on an answer at some time, too; a lost host sends none. */
const QUERY_TIMEOUT_MS = 5000;
const GOODBYE_MS = 500;

/**
 * How a client connects to an endpoint: as libpq does with the URL of `pgscale url`, the first host of it that answers.
 * @throws PgscaleError PGS_DATABASE_UNKNOWN
 */
export function endpointConnector(cluster: Cluster, name: EndpointName, choice: UrlChoice = {}): Connect {
  const { hosts, port } = endpoint(cluster.spec, name);
  const { database, role, password } = loginOf(cluster, choice);
  const login = { port, database, user: role, password, ssl: { ca: cluster.secrets.ca.certificate } };
  const options = name === 'replica' ? { options: READ_ONLY } : {};
  return async () => {
    let failure: unknown;
    for (const host of hosts) {
      try {
        return await connectTo({ ...login, ...options, host });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

/** One connection with the timeouts of an application that cares. */
export async function connectTo(login: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    application_name: 'pgscale drill',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 1000,
    ...login,
  });
  // A connection that breaks while nothing is asked is noticed at the next query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    void hangUp(client);
    throw error;
  }
}

/** Ends a connection without waiting long for a server that may be gone. */
export async function hangUp(client: pg.Client): Promise<void> {
  const timer = new AbortController();
  const patience = sleep(GOODBYE_MS, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
  await Promise.race([client.end().catch(() => undefined), patience]);
  timer.abort();
}

/** Does something on a connection of its own. */
export async function once<T>(connect: Connect, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect();
  try {
    return await work(client);
  } finally {
    await hangUp(client);
  }
}
