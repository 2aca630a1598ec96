import type { Target } from '../components/component.ts';
import { sh } from '../host/command.ts';
import { listenersOf } from '../spec/listeners.ts';
import { error, type Check } from './check.ts';

/** A host that answers does so in milliseconds; the rest is for a busy machine. */
const CONNECT_DEADLINE_S = 5;

/**
 * Every host reaches the ports of every other one. Nothing listens there before the first `apply`, so a refused
 * connection is an answer: only silence and "no route" mean that something drops the packets.
 */
export function reachability(targets: readonly Target[]): Check {
  return {
    id: 'reachability',
    title: 'Hosts reach each other',
    run: async (reader, self) => {
      const probes = targets
        .filter(({ host }) => host.name !== self.host.name)
        .flatMap(({ spec, host }) =>
          listenersOf(spec, host)
            .filter(({ on }) => on === undefined)
            .map(({ port }) => `${host.address} ${port} ${host.name}`),
        );
      const answer = await reader.read(sh`probe() {
  said=$(timeout ${CONNECT_DEADLINE_S} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) && return
  case $said in *refused*) ;; *) echo "$3 ($1:$2)" ;; esac
}
for p in ${probes}; do set -- $p; probe "$1" "$2" "$3" & done; wait`);
      const silent = answer.stdout
        .split('\n')
        .filter((line) => line !== '')
        .toSorted();
      return silent.map((peer) =>
        error('peer-unreachable', `does not reach ${peer}`, 'Open the port in the firewall between the two.'),
      );
    },
  };
}
