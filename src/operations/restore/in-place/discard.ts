import { sh } from '../../../host/command.ts';
import { dataDirectory } from '../../../spec/topology.ts';
import { audited } from '../../audited.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../../cluster-session.ts';

/** Data of before a restore in place, which is kept until it is discarded. */
export interface Kept {
  readonly host: string;
  readonly directory: string;
  readonly bytes: number;
}

const REMOVE_DEADLINE_MS = 3_600_000;

/** All that restores in place have kept. Changes nothing. */
export async function listKept({ spec, fleet }: ClusterSession): Promise<Kept[]> {
  const hosts = connectedDatabaseHosts({ spec, fleet });
  const all = await Promise.all(
    hosts.map(async (host) => {
      const answer = await host.read(
        sh`for each in ${dataDirectory(spec)}.before-*; do [ ! -d "$each" ] || du --block-size=1 -s "$each"; done`,
      );
      return answer.stdout.split('\n').flatMap((line): Kept[] => {
        const [bytes = '', directory] = line.split('\t');
        return directory === undefined ? [] : [{ host: host.name, directory, bytes: Number(bytes) }];
      });
    }),
  );
  return all.flat();
}

/** Removes the data of before from every host. */
export async function discardKept(session: ClusterSession, kept: readonly Kept[]): Promise<void> {
  const changes = kept.map(({ host, directory }) => `discard ${directory} on ${host}`);
  await audited(session, { command: 'restore --discard-old', changes }, async () => {
    await Promise.all(
      kept.map(({ host, directory }) =>
        session.host(host).run(sh`rm -rf -- ${directory}`, { deadlineMs: REMOVE_DEADLINE_MS }),
      ),
    );
  });
}
