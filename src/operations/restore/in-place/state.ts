import type { Target } from '../../../archive/target.ts';
import type { Host } from '../../../host/host.ts';
import { sh } from '../../../host/command.ts';
import type { Spec } from '../../../spec/schema.ts';
import { dataDirectory } from '../../../spec/topology.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../../cluster-session.ts';
import { sideDirectory } from '../../../spec/restore-places.ts';
import { follows, sideSchema, type Side } from '../side.ts';

/**
 * How far a copy that becomes the data directory has come: the files are being brought; they are there and being replayed; the copy was
 * promoted; it is the data directory of its host.
 */
export type Phase = 'files' | 'restored' | 'promoted' | 'swapped';

export interface Copy {
  readonly host: Host;
  readonly side: Side;
  readonly phase: Phase;
}

/** The copy of this name that was begun and not finished, wherever it is; undefined when there is none. Changes nothing. */
export async function findCopy({ spec, fleet }: ClusterSession, name: string): Promise<Copy | undefined> {
  const hosts = connectedDatabaseHosts({ spec, fleet });
  const found = await Promise.all(
    hosts.map(async (host): Promise<Copy | undefined> => {
      const directory = sideDirectory(spec, name);
      const answer = await host.read(sh`cd ${directory} 2>/dev/null || exit 0
[ -e restore.json ] || exit 0
tr -d '\n' <restore.json; echo
if [ -e promoted ]; then [ -e data ] && echo promoted || echo swapped
elif [ -e restored ]; then echo restored; else echo files; fi`);
      const [document = '', phase] = answer.stdout.split('\n');
      if (phase === undefined) return undefined;
      return { host, side: sideSchema.parse(JSON.parse(document)), phase: phase as Phase };
    }),
  );
  return found.find((each) => each !== undefined);
}

/**
 * Whether the copy is made anew, although it was begun: its files are not all there; or it is to be the latest, which is later
 * by now, does not follow, and nothing has taken the cluster's place yet. Pure.
 */
export function beginsAnew({ phase, side }: { phase: Phase; side: Pick<Side, 'name'> }, target: Target): boolean {
  return phase === 'files' || (phase === 'restored' && target.kind === 'latest' && !follows(side.name, target));
}

const ORDER: readonly Phase[] = ['files', 'restored', 'promoted', 'swapped'];

/** Whether the copy of this name has come as far as that. Changes nothing. */
export async function isPast(session: ClusterSession, name: string, phase: Phase): Promise<boolean> {
  const now = await findCopy(session, name);
  return now !== undefined && ORDER.indexOf(now.phase) >= ORDER.indexOf(phase);
}

/** Where the data directory of before is kept until it is discarded. */
export function keptDirectory(spec: Spec, { createdAt }: Pick<Side, 'createdAt'>): string {
  return `${dataDirectory(spec)}.before-${createdAt.replace(/[-:]|\.\d+Z$/gu, '')}`;
}
