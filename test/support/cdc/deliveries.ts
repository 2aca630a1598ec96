import type { Row } from '../../../src/cdc/change.ts';

/** What was delivered, beside what there is. */
export interface Verdict {
  readonly delivered: number;
  /** Rows of the table that never came. */
  readonly missing: readonly string[];
  /** Rows that came and are not in the table: who consumed them was ahead of the new primary. */
  readonly phantom: readonly string[];
  /** Rows that came more than once. */
  readonly duplicates: number;
  /** Rows that came for the first time after a later one of their key. */
  readonly disordered: readonly string[];
}

/** The rows that a consumer has stored: of transactions that it has seen to their end. */
export class Deliveries {
  readonly latenciesMs: number[] = [];
  readonly #seen = new Set<string>();
  readonly #last = new Map<string, number>();
  readonly #disordered: string[] = [];
  #duplicates = 0;
  #open: Row[] = [];

  get count(): number {
    return this.#seen.size;
  }

  add(row: Row): void {
    this.#open.push(row);
  }

  /** The transaction is whole: its rows are stored. */
  commit(): void {
    const nowMs = Date.now();
    for (const row of this.#open.splice(0)) this.#store(row, nowMs);
  }

  verdict(table: ReadonlySet<string>): Verdict {
    return {
      delivered: this.#seen.size,
      missing: [...table].filter((id) => !this.#seen.has(id)),
      phantom: [...this.#seen].filter((id) => !table.has(id)),
      duplicates: this.#duplicates,
      disordered: this.#disordered,
    };
  }

  #store(row: Row, nowMs: number): void {
    const [key, seq] = [String(row.key), Number(row.seq)];
    const id = `${key}:${seq}`;
    if (this.#seen.has(id)) {
      this.#duplicates += 1;
      return;
    }
    this.#seen.add(id);
    if (seq < (this.#last.get(key) ?? 0)) this.#disordered.push(id);
    this.#last.set(key, seq);
    this.latenciesMs.push(nowMs - Number(row.at_ms));
  }
}
