import type { Duplex } from 'node:stream';

import type { Client } from 'ssh2';

import type { ConnectionSettings } from './connection-settings.ts';
import { unreachable } from './host-errors.ts';
import { connect } from './ssh-connection.ts';

/** Connections to jump hosts, one each, however many hosts lie behind it. */
export class JumpHosts {
  readonly #clients = new Map<string, Promise<Client>>();

  /** The stream to a host behind its jump host; undefined when it has none. */
  async streamTo(settings: ConnectionSettings): Promise<Duplex | undefined> {
    if (settings.proxyJump === undefined) return undefined;
    const client = await this.#client(settings, settings.proxyJump);
    return new Promise((resolve, reject) => {
      const deadlineMs = settings.connectDeadlineMs ?? 10_000;
      const timer = setTimeout(
        () => reject(unreachable(settings, `no answer through ${settings.proxyJump ?? ''}`)),
        deadlineMs,
      );
      client.forwardOut('127.0.0.1', 0, settings.address, settings.port, (error, stream) => {
        clearTimeout(timer);
        if (error === undefined) resolve(stream);
        else reject(unreachable(settings, error, `does not answer through ${settings.proxyJump ?? ''}`));
      });
    });
  }

  close(): void {
    for (const client of this.#clients.values()) void client.then((each) => each.end()).catch(() => undefined);
    this.#clients.clear();
  }

  #client(settings: ConnectionSettings, jump: string): Promise<Client> {
    const existing = this.#clients.get(jump);
    if (existing !== undefined) return existing;
    const hop = jumpSettings(settings, jump);
    const connecting = this.streamTo(hop).then((stream) => connect(hop, stream));
    this.#clients.set(jump, connecting);
    const forget = (): void => {
      if (this.#clients.get(jump) === connecting) this.#clients.delete(jump);
    };
    connecting.then((client) => client.once('close', forget)).catch(forget);
    return connecting;
  }
}

/** Where a jump host is: `[user@]host[:port]`; of several, separated by commas, the last, behind the others. */
export function jumpSettings(settings: ConnectionSettings, jump: string): ConnectionSettings {
  const hops = jump.split(',');
  const last = hops.pop() ?? '';
  const parts = /^(?:(?<user>[^@]+)@)?(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^:]+))(?::(?<port>\d+))?$/u.exec(
    last,
  )?.groups;
  return {
    ...settings,
    name: `jump host ${last}`,
    user: parts?.['user'] ?? settings.user,
    address: parts?.['bracketed'] ?? parts?.['plain'] ?? last,
    port: Number(parts?.['port'] ?? 22),
    proxyJump: hops.length === 0 ? undefined : hops.join(','),
  };
}
