import type { PortNeed, Target } from '../components/component.ts';
import { COMPONENTS } from '../components/index.ts';
import { sh } from '../host/command.ts';
import { MARKER_FILE } from '../spec/layout.ts';
import { error, type Check, type Verdict } from './check.ts';

/** One listening socket, as `ss -Hltnp` prints it. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** `nginx (pid 812)`; undefined when the kernel does not tell. */
  readonly process: string | undefined;
}

/** The ports of the components are free. On a host that is ours already they are taken by the components themselves. */
export const ports: Check = {
  id: 'ports',
  title: 'Ports are free',
  run: async (reader, target) => {
    const [marker, sockets] = await Promise.all([reader.readFile(MARKER_FILE), reader.read(sh`ss -Hltnp`)]);
    return marker === undefined
      ? portVerdicts(portNeeds(target), parseListeners(sockets.stdout), target.host.address)
      : [];
  },
};

/** All ports that the components want on a host; pure. */
export function portNeeds(target: Target): PortNeed[] {
  return COMPONENTS.filter((each) => each.runsOn(target.host)).flatMap((each) => each.listens?.(target) ?? []);
}

/** Reads the output of `ss -Hltnp`; pure. */
export function parseListeners(output: string): Listener[] {
  return output.split('\n').flatMap((line) => {
    const local = line.trim().split(/\s+/u)[3];
    const [, address, port] = /^(.*):(\d+)$/u.exec(local ?? '') ?? [];
    if (address === undefined || port === undefined) return [];
    const [, name, pid] = /users:\(\("([^"]+)",pid=(\d+)/u.exec(line) ?? [];
    const process = name === undefined ? undefined : `${name} (pid ${pid})`;
    return [{ address: address.replace(/%.*$/u, ''), port: Number(port), process }];
  });
}

/** Which wanted ports are taken, and by whom; pure. */
export function portVerdicts(needs: readonly PortNeed[], listeners: readonly Listener[], address: string): Verdict[] {
  const everywhere = new Set(['*', '0.0.0.0', '[::]', address]);
  return needs.flatMap(({ port, purpose }) => {
    const taken = listeners.find((listener) => listener.port === port && everywhere.has(listener.address));
    if (taken === undefined) return [];
    const by = taken.process ?? 'another process';
    return [
      error(
        'port-taken',
        `port ${port} (${purpose}) is taken by ${by}`,
        `Stop it, or give ${purpose} another port in the spec.`,
      ),
    ];
  });
}
