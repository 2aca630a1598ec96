import type { Target } from '../components/component.ts';
import { sh } from '../host/command.ts';
import { portNeeds } from './ports.ts';
import { error, type Check } from './check.ts';

const CONNECT_DEADLINE_S = 2;

/**
 * Every host reaches the ports of every other one. Nothing listens there before the first `apply`, so a refused
 * connection is an answer: only silence and "no route" mean that something drops the packets.
 */
export function reachability(targets: readonly Target[]): Check {
  return {
    id: 'reachability',
    title: 'Hosts reach each other',
    run: async (reader, self) => {
      const wanted = targets
        .filter(({ host }) => host.name !== self.host.name)
        .flatMap((target) => portNeeds(target).map(({ port }) => ({ host: target.host, port })));
      const probes = wanted.map(({ host, port }) => `${host.address} ${port} ${host.name}`);
      const answer = await reader.read(sh`probe() {
  timeout ${CONNECT_DEADLINE_S} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1 | grep -qi refused && return
  timeout ${CONNECT_DEADLINE_S} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null && return
  echo "$3 ($1:$2)"
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
