import { cmd, sh } from '../../host/command.ts';
import { resource, type Resource } from '../../resources/resource.ts';

/**
 * The folder above the data directory, which postgres has to own: initdb, the base backup and Patroni make the data
 * directory in it. One that is there and belongs to somebody else is never given away.
 */
export function dataParent(path: string, user: string): Resource {
  return resource<string | undefined>({
    id: `directory:${path}`,
    read: async (reader) => {
      const answer = await reader.read(sh`test -d ${path} && stat -c %U ${path}`);
      return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
    },
    diff: (owner) => {
      if (owner === user) return undefined;
      const action = owner === undefined ? 'create' : 'update';
      return { action, summary: `${action} directory ${path} for ${user}` };
    },
    apply: async (host) => {
      await host.run(cmd('install', '-d', '-o', user, '-g', user, '-m', '0755', path));
    },
    foreign: (owner) => {
      if (owner === undefined || owner === user) return undefined;
      return `${path} belongs to ${owner}: the folder above the data directory has to belong to ${user}`;
    },
  });
}
