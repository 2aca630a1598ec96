import { resource, type Resource } from '../../resources/resource.ts';
import { readProxyStatus, setReplicaState } from './client.ts';

/** Lets members in again that a run which was cut off has left drained: until then they get no reads. */
export function noDrainedMembers(members: readonly string[]): Resource {
  return resource<string[]>({
    id: 'haproxy:drained-members',
    read: async (reader) => {
      const drained = (await readProxyStatus(reader))?.drained ?? [];
      return drained.filter((name) => members.includes(name));
    },
    diff: (drained) =>
      drained.length === 0 ? undefined : { action: 'update', summary: `give reads to ${drained.join(', ')} again` },
    apply: async (host, drained) => {
      for (const name of drained) await setReplicaState(host, name, 'ready');
    },
  });
}
