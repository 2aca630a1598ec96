import { once, type Connect } from './endpoint-client.ts';

/** A schema of its own, so that nothing of the application is touched and all of it goes away at once. */
const SCHEMA = 'pgscale_drill';
const CLEANUP = `set local client_min_messages = warning; set local lock_timeout = '5s'; drop schema if exists ${SCHEMA} cascade`;

/** Answers with the address of the server that took the write. */
export const INSERT = `insert into ${SCHEMA}.ledger (id) values ($1) returning host(inet_server_addr()) as server`;

/** The table that every write of a drill goes into, one row each. */
export class Ledger {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Makes it anew: what a drill that was killed has left is thrown away. */
  async create(): Promise<void> {
    await once(this.#connect, (client) =>
      client.query(
        `begin; ${CLEANUP}; create schema ${SCHEMA}; create table ${SCHEMA}.ledger (id bigint primary key); commit`,
      ),
    );
  }

  /** The rows from `firstId` on, as the primary has them. */
  async idsFrom(firstId: number): Promise<number[]> {
    return once(this.#connect, async (client) => {
      const sql = `select id::float8 as id from ${SCHEMA}.ledger where id >= $1`;
      return (await client.query<{ id: number }>(sql, [firstId])).rows.map(({ id }) => id);
    });
  }

  async drop(): Promise<void> {
    await once(this.#connect, (client) => client.query(`begin; ${CLEANUP}; commit`));
  }
}

/** The writes that were acknowledged and are not there. Pure. */
export function lostWrites(acknowledged: readonly { readonly id: number }[], there: readonly number[]): number[] {
  const known = new Set(there);
  return acknowledged.map(({ id }) => id).filter((id) => !known.has(id));
}
