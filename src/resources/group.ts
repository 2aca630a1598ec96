import { cmd } from '../host/command.ts';
import { resource, type Resource } from './resource.ts';

/** A system group. */
export function group(name: string): Resource {
  return resource<boolean>({
    id: `group:${name}`,
    read: async (reader) => (await reader.read(cmd('getent', 'group', name))).exitCode === 0,
    diff: (isThere) => (isThere ? undefined : { action: 'create', summary: `create system group ${name}` }),
    apply: async (host) => {
      await host.run(cmd('groupadd', '--system', '--force', name));
    },
  });
}
