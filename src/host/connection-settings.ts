/** All that is needed to log in to one host. Paths may begin with `~/`. */
export interface ConnectionSettings {
  /** The name by which errors and logs call the host. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key; default: the agent, then ~/.ssh/id_ed25519 and its kin. */
  readonly identityFile?: string | undefined;
  readonly knownHosts: string;
  /** `[user@]host[:port]` of a jump host. */
  readonly proxyJump?: string | undefined;
  /** Record an unknown host key in known_hosts instead of refusing it. A changed key is refused all the same. */
  readonly acceptNew?: boolean;
  /** For the whole way to a login. Default 10,000. */
  readonly connectDeadlineMs?: number;
}

/** How a person would write where the connection goes: `pg1 (10.20.0.11:22)`. */
export function destination({ name, address, port }: ConnectionSettings): string {
  return `${name} (${address.includes(':') ? `[${address}]` : address}:${port})`;
}
