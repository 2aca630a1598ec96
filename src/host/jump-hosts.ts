import type { Duplex } from 'node:stream';

import type { Client } from 'ssh2';

import type { ConnectionSettings } from './connection-settings.ts';
import { unreachable } from './host-errors.ts';
import { sshConfigFor, type SshConfigEntry } from './ssh-config.ts';
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
    const connecting = this.#connect(settings, jump);
    this.#clients.set(jump, connecting);
    const forget = (): void => {
      if (this.#clients.get(jump) === connecting) this.#clients.delete(jump);
    };
    connecting.then((client) => client.once('close', forget)).catch(forget);
    return connecting;
  }

  async #connect(settings: ConnectionSettings, jump: string): Promise<Client> {
    const hop = jumpSettings(settings, jump, await sshConfigFor(jumpAddress(jump)));
    return connect(hop, await this.streamTo(hop));
  }
}

/** `[user@]host[:port]`; of several, separated by commas, the last, behind the others. */
const HOP = /^(?:(?<user>[^@]+)@)?(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^:]+))(?::(?<port>\d+))?$/u;

function partsOf(jump: string): { hop: string; before: string[]; parts: Record<string, string | undefined> } {
  const before = jump.split(',').map((each) => each.trim());
  const hop = before.pop() ?? '';
  return { hop, before, parts: HOP.exec(hop)?.groups ?? {} };
}

function jumpAddress(jump: string): string {
  const { hop, parts } = partsOf(jump);
  return parts['bracketed'] ?? parts['plain'] ?? hop;
}

/** How to log in to a jump host: as it is written, then as ~/.ssh/config says, then as to the host behind it. */
export function jumpSettings(settings: ConnectionSettings, jump: string, config: SshConfigEntry): ConnectionSettings {
  const { hop, before, parts } = partsOf(jump);
  return {
    ...settings,
    name: `jump host ${hop}`,
    user: parts['user'] ?? config.user ?? settings.user,
    address: config.hostName ?? jumpAddress(jump),
    port: Number(parts['port'] ?? config.port ?? 22),
    identityFile: settings.identityFile ?? config.identityFile,
    proxyJump: before.length === 0 ? undefined : before.join(','),
  };
}
