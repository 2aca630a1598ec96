import { sh, type Command } from '../../../../host/command.ts';
import type { ArmedFault, FaultScene } from '../fault.ts';
import { armTrigger } from './trigger.ts';
import { startUndoTimer, stopUndoTimer } from './undo-timer.ts';

const TABLE = 'pgscale_drill';

/**
 * Everything that comes in or goes out is dropped, below IP: floating addresses cannot be claimed either, and the others find
 * no hardware address there, as with a cable that is out. Only SSH from here goes on, and what its next hop has to know of
 * the hardware, to end the cut; a timer on the host ends it without us.
 * https://wiki.nftables.org/wiki-nftables/index.php/Nftables_families: netdev, ingress and egress
 */
export async function networkCut({ host, undoAfterMs }: FaultScene): Promise<ArmedFault> {
  const heal = sh`nft delete table netdev ${TABLE}`;
  const prepare = sh`${readRules}
printf '%s' "$rules" | nft --check -f -
${startUndoTimer(heal, undoAfterMs)}`;
  const trigger = await armTrigger(host, prepare, sh`printf '%s' "$rules" | nft -f -`);
  return {
    inject: () => trigger.pull(),
    undo: async () => {
      await trigger.release();
      await host.run(sh`${heal} 2>/dev/null || true
${stopUndoTimer}`);
    },
  };
}

/**
 * The rules in `$rules`. SSH_CONNECTION has the client's address and port, then our own; sudo keeps it from its child, but
 * not from its own process.
 */
const readRules: Command = sh`command -v nft >/dev/null || { echo 'nft is not there: apt-get install nftables' >&2; exit 1; }
nft delete table netdev ${TABLE} 2>/dev/null || true
pid=$$; ssh=
while [ -z "$ssh" ] && [ "$pid" -gt 1 ]; do
  ssh=$(tr '\0' '\n' </proc/$pid/environ | sed -n 's/^SSH_CONNECTION=//p')
  pid=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$pid/status)
done
[ -n "$ssh" ] || { echo 'it is not known where the SSH connection comes from' >&2; exit 1; }
set -- $ssh
hop=$(ip route get "$1" | sed -n 's/.* via \([^ ]*\).*/\1/p')
[ -n "$hop" ] || hop=$1
devices=$(ip -o address show scope global | awk '{ sub(/@.*/, "", $2); print $2 }' | sort -u | paste -sd ,)
case $1 in
  *:*) nd='icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'
    in="ip6 saddr $1 tcp dport $4 accept; ip6 saddr $hop $nd; ip6 saddr fe80::/10 $nd"
    out="ip6 daddr $1 tcp sport $4 accept; $nd" ;;
  *) in="ip saddr $1 tcp dport $4 accept; arp saddr ip $hop arp daddr ip $3 accept"
    out="ip daddr $1 tcp sport $4 accept; arp saddr ip $3 arp daddr ip $hop accept" ;;
esac
rules="table netdev ${TABLE} {
  chain in { type filter hook ingress devices = { $devices } priority -400; policy drop; $in; }
  chain out { type filter hook egress devices = { $devices } priority -400; policy drop; $out; }
}
"`;
