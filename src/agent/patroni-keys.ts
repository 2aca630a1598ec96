import * as z from 'zod/mini';

/** A key of etcd as its JSON gateway gives it: key and value in base64, 64-bit numbers as text. */
export const etcdKey = z.object({ key: z.string(), value: z.optional(z.string()), lease: z.optional(z.string()) });
export type EtcdKey = z.output<typeof etcdKey>;

/** What a member says of itself, as far as it counts here. */
const member = z.object({
  state: z.optional(z.string()),
  replication_state: z.optional(z.nullable(z.string())),
  /** The furthest of what it has received and replayed, in bytes of WAL. */
  xlog_location: z.optional(z.nullable(z.number())),
  tags: z.optional(z.record(z.string(), z.unknown())),
});
export type MemberKey = z.output<typeof member>;

const MEMBERS = 'members/';

/**
 * Patroni's keys of one cluster, by their names without the prefix. Pure.
 * https://patroni.readthedocs.io/en/latest/dcs_failsafe_mode.html names them all.
 */
export class PatroniKeys {
  readonly #found: ReadonlyMap<string, EtcdKey>;

  constructor(keys: readonly EtcdKey[], prefix: string) {
    this.#found = new Map(keys.map((each) => [text(each.key).slice(prefix.length), each]));
  }

  has(name: string): boolean {
    return this.#found.has(name);
  }

  /** Who leads, and by which lease. */
  get leader(): { readonly name: string; readonly lease: string | undefined } | undefined {
    const { value, lease } = this.#found.get('leader') ?? {};
    return value === undefined ? undefined : { name: text(value), lease };
  }

  get memberNames(): string[] {
    return [...this.#found.keys()].flatMap((key) => (key.startsWith(MEMBERS) ? key.slice(MEMBERS.length) : []));
  }

  member(name: string): MemberKey | undefined {
    return this.parsed(member, `${MEMBERS}${name}`);
  }

  /** The value of a key that holds JSON; undefined for what is not there or is something else. */
  parsed<T extends z.ZodMiniType>(schema: T, name: string): z.output<T> | undefined {
    const value = this.#found.get(name)?.value;
    if (value === undefined) return undefined;
    try {
      const answer = schema.safeParse(JSON.parse(text(value)));
      return answer.success ? answer.data : undefined;
    } catch {
      return undefined;
    }
  }
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
