import type { ClusterAnswer } from '../components/patroni/answers.ts';
import { readCluster, readMember } from '../components/patroni/client.ts';
import type { Reader } from '../host/host.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';

/** What the Patroni of one host says of itself and of the cluster. */
export interface PatroniView {
  readonly version: string;
  readonly state: string;
  /** Patroni does not fail over while it is paused. */
  readonly isPaused: boolean;
  /** Whether it goes on without etcd because all members agree (failsafe mode). */
  readonly isFailsafe: boolean;
  /** As the DCS has them; empty when it cannot be read, or another host is asked for them. */
  readonly members: readonly { readonly name: string; readonly role: string; readonly state: string }[];
}

/**
 * Asks Patroni on its own host. Undefined when it does not answer.
 * @param isClusterAsked what the DCS has is the same everywhere, and each answer costs Patroni a TLS handshake: one host is enough
 */
export async function readPatroniView(
  reader: Reader,
  spec: Spec,
  host: HostSpec,
  isClusterAsked: boolean,
): Promise<PatroniView | undefined> {
  const [own, cluster] = await Promise.all([
    readMember(reader, { spec, host }),
    isClusterAsked ? readCluster(reader, { spec, host }) : undefined,
  ]);
  if (own === undefined) return undefined;
  return {
    version: own.patroni.version,
    state: own.state,
    isPaused: own.pause,
    isFailsafe: own.failsafe_mode_is_active,
    members: cluster === undefined ? [] : sharedMembers(cluster),
  };
}

/** What the picture shows of the members as the DCS has them. Pure. */
export function sharedMembers({ members }: ClusterAnswer): PatroniView['members'] {
  return members.map(({ name, role, state }) => ({ name, role, state }));
}
