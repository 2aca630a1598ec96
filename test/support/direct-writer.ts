import { z } from 'zod';

import type { OutageLab } from './outage-lab.ts';

/** What one row was acknowledged by: its id, and when. */
export interface DirectRow {
  readonly id: string;
  readonly atMs: number;
}

const UNIT = 'direct-writer';
const FILE = '/root/direct-acknowledged';
/** psql prints a row after the server has said that the command, and with it the commit, is complete. */
const SCRIPT = `while :; do
  yes "insert into direct default values returning id || ' ' || (extract(epoch from clock_timestamp()) * 1000)::bigint; select from pg_sleep(0.02);" |
    runuser -u postgres -- psql -XAtq -d app 2>/dev/null >>${FILE}
  sleep 0.2
done`;
const rowSchema = z.tuple([z.uuid(), z.coerce.number()]);

/** A client on a member's own host that writes to it past all proxies, whatever becomes of the member. */
export class DirectWriter {
  readonly #lab: OutageLab;
  readonly #host: string;

  private constructor(lab: OutageLab, host: string) {
    this.#lab = lab;
    this.#host = host;
  }

  /** Makes the table `direct` anew on the primary and begins to write there. */
  static async start(lab: OutageLab, primary: string): Promise<DirectWriter> {
    await lab.sql(primary, 'drop table if exists direct');
    await lab.sql(primary, 'create table direct (id uuid default gen_random_uuid())');
    await lab.on(
      primary,
      `: >${FILE}; systemd-run --quiet --collect --unit=${UNIT} -- sh -c '${SCRIPT.replaceAll("'", `'\\''`)}'`,
    );
    return new DirectWriter(lab, primary);
  }

  /** Stops it; what it was told. */
  async stop(): Promise<DirectRow[]> {
    await this.#lab.on(this.#host, `systemctl stop ${UNIT}`);
    const text = await this.#lab.on(this.#host, `cat ${FILE}`);
    return text.split('\n').flatMap((line) => {
      const row = rowSchema.safeParse(line.split(' '));
      return row.success ? [{ id: row.data[0], atMs: row.data[1] }] : [];
    });
  }
}
