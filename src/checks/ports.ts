import { sh } from '../host/command.ts';
import { MARKER_FILE } from '../spec/layout.ts';
import { listenersOf, LOOPBACK, type Listener } from '../spec/listeners.ts';
import { pathText } from '../spec/problem.ts';
import { error, type Check, type Verdict } from './check.ts';

const EVERYWHERE = ['*', '0.0.0.0', '[::]'];
/** Most components listen there, too, for the programs of their own host. */
const LOOPBACKS = [LOOPBACK, '[::1]'];

/** One listening socket, as `ss -Hltnp` prints it. */
export interface Socket {
  readonly address: string;
  readonly port: number;
  /** undefined when the kernel does not tell. */
  readonly process: { readonly name: string; readonly pid: number } | undefined;
}

/** The ports of the components are free. On a host that is ours already the components themselves may have them. */
export const ports: Check = {
  id: 'ports',
  title: 'Ports are free',
  run: async (reader, { spec, host }) => {
    const [marker, sockets] = await Promise.all([reader.readFile(MARKER_FILE), reader.read(sh`ss -Hltnp`)]);
    const taken = parseSockets(sockets.stdout);
    return portVerdicts(listenersOf(spec, host), taken, { address: host.address, isOurs: marker !== undefined });
  },
};

/** Reads the output of `ss -Hltnp`; pure. */
export function parseSockets(output: string): Socket[] {
  return output.split('\n').flatMap((line) => {
    const local = line.trim().split(/\s+/u)[3];
    const [, address, port] = /^(.*):(\d+)$/u.exec(local ?? '') ?? [];
    if (address === undefined || port === undefined) return [];
    const [, name, pid] = /users:\(\("([^"]+)",pid=(\d+)/u.exec(line) ?? [];
    const process = name === undefined ? undefined : { name, pid: Number(pid) };
    return [{ address: address.replace(/%.*$/u, ''), port: Number(port), process }];
  });
}

/** Which wanted ports are taken, and by whom; pure. */
export function portVerdicts(
  wanted: readonly Listener[],
  sockets: readonly Socket[],
  host: { address: string; isOurs: boolean },
): Verdict[] {
  return wanted.flatMap((listener) => {
    const own = listener.on === undefined ? [host.address, ...LOOPBACKS] : [listener.on];
    const places = new Set([...EVERYWHERE, ...own]);
    const taken = sockets.find(({ port, address }) => port === listener.port && places.has(address));
    if (taken === undefined || (host.isOurs && taken.process?.name === listener.process)) return [];
    const by = taken.process === undefined ? 'another process' : `${taken.process.name} (pid ${taken.process.pid})`;
    const what = `port ${listener.port}, which ${listener.what} needs, is taken by ${by}`;
    return [error('port-taken', what, remedy(listener))];
  });
}

function remedy({ path }: Listener): string {
  if (path === undefined) return 'Stop that process, or give it another port: pgscale always has this one.';
  return `Stop that process, or set \`${pathText(path)}\` in the spec to a free port.`;
}
