import { z } from 'zod';

import { canonicalAddress } from '../spec/address.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh, type Command } from './command.ts';
import type { Host } from './host.ts';
import { nearestParent } from './nearest-parent.ts';

/** What pgscale has to know about a host before it can say what the host should have. */
export interface HostFacts {
  readonly osId: string;
  readonly osVersion: string;
  readonly osCodename: string;
  readonly architecture: string;
  readonly kernel: string;
  readonly hostname: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Size of the file system that holds (or will hold) the data directory. */
  readonly diskBytes: number;
  readonly diskFreeBytes: number;
  /** Every address of its interfaces; none when it does not tell. */
  readonly addresses: readonly string[];
  /** Name of the network interface that holds the host's `address`; undefined when none does. */
  readonly interface: string | undefined;
  /** The most open files that a unit can be given: a container may have less than it asks for in LimitNOFILE. */
  readonly openFilesMax: number;
  /** How far the clock of the host is ahead of ours; as exact as half of the time that the answer took. */
  readonly clockSkewMs: number;
}

/** One `key=value` for each fact. os-release is made to be read by a shell: os-release(5). */
const factsCommand = (dataPath: string): Command => sh`. /etc/os-release
echo "osId=$ID"
echo "osVersion=$VERSION_ID"
echo "osCodename=$VERSION_CODENAME"
echo "architecture=$(uname -m)"
echo "kernel=$(uname -r)"
echo "hostname=$(cat /proc/sys/kernel/hostname)"
echo "cpuCount=$(nproc)"
while read -r key value unit; do [ "$key" = MemTotal: ] && echo "memoryKb=$value"; done </proc/meminfo
df --block-size=1 --output=size,avail ${nearestParent(dataPath)} | { read -r heading; read -r size free; echo "diskBytes=$size"; echo "diskFreeBytes=$free"; }
max=$(cat /proc/sys/fs/nr_open)
echo "openFilesMax=$( (ulimit -n "$max") 2>/dev/null && echo "$max" || ulimit -Hn)"
ip -o addr show | while read -r number name family address rest; do echo "interface:$address=$name"; done
echo "clockS=$(date +%s.%N)"`;

const answerSchema = z.object({
  osId: z.string().min(1),
  osVersion: z.string(),
  osCodename: z.string(),
  architecture: z.string().min(1),
  kernel: z.string().min(1),
  hostname: z.string().min(1),
  cpuCount: z.coerce.number().int().positive(),
  memoryKb: z.coerce.number().int().positive(),
  diskBytes: z.coerce.number().int().positive(),
  diskFreeBytes: z.coerce.number().int().nonnegative(),
  openFilesMax: z.coerce.number().int().positive(),
  clockS: z.coerce.number().positive(),
});

/**
 * Asks a host about itself, in one read.
 * @param address the address whose interface is wanted; default: the one by which we reach the host.
 * @param dataPath whose file system counts as the disk; it need not exist yet.
 * @throws PgscaleError PGS_REMOTE_ANSWER
 */
export async function readFacts(host: Host, address = host.address, dataPath = '/var/lib'): Promise<HostFacts> {
  const askedAt = Date.now();
  const answer = await host.read(factsCommand(dataPath));
  const middle = (askedAt + Date.now()) / 2;
  return parseFacts(host.name, `${answer.stdout}\n${answer.stderr}`, { address, nowMs: middle });
}

/** Makes facts of the host's answer; pure. `nowMs` is our clock at the middle of the exchange. */
export function parseFacts(
  host: string,
  answer: string,
  { address, nowMs }: { address: string; nowMs: number },
): HostFacts {
  const pairs = new Map(answer.split('\n').map((line) => splitOnce(line)));
  const parsed = answerSchema.safeParse(Object.fromEntries(pairs));
  if (!parsed.success) {
    throw new PgscaleError('PGS_REMOTE_ANSWER', {
      what: `${host} does not tell what it is`,
      host,
      why: `${z.prettifyError(parsed.error)}\n${answer.trim()}`,
    });
  }
  const { memoryKb, clockS, ...rest } = parsed.data;
  const held = [...pairs].flatMap(([key, name]) => {
    // One end of a point-to-point link comes without a prefix.
    const [, held] = /^interface:([^/]+)/u.exec(key) ?? [];
    return held === undefined ? [] : [{ address: held, name }];
  });
  return {
    ...rest,
    memoryBytes: memoryKb * 1024,
    addresses: held.map((each) => each.address),
    interface: held.find((each) => canonicalAddress(each.address) === canonicalAddress(address))?.name,
    clockSkewMs: Math.round(clockS * 1000 - nowMs),
  };
}

function splitOnce(line: string): [string, string] {
  const [key = '', ...value] = line.split('=');
  return [key, value.join('=')];
}
