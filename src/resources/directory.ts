import { cmd, sh } from '../host/command.ts';
import type { FileAttributes } from '../host/host.ts';
import { attributeChanges } from './file.ts';
import { resource, type Resource } from './resource.ts';

export interface DirectoryDefinition extends Partial<FileAttributes> {
  path: string;
}

/** A directory with owner and mode; its parents are made when they are missing. What is in it stays as it is. */
export function directory(definition: DirectoryDefinition): Resource {
  const { path } = definition;
  const wanted: FileAttributes = {
    owner: definition.owner ?? 'root',
    group: definition.group ?? 'root',
    mode: definition.mode ?? '0755',
  };
  return resource<FileAttributes | undefined>({
    id: `directory:${path}`,
    read: async (reader) => {
      const answer = await reader.read(sh`test -d ${path} && stat -c '%U %G %a' ${path}`);
      const [owner, group, mode] = answer.stdout.split(' ');
      if (answer.exitCode !== 0 || owner === undefined || group === undefined || mode === undefined) return undefined;
      return { owner, group, mode };
    },
    diff: (actual) => {
      if (actual === undefined) return { action: 'create', summary: `create directory ${path}` };
      const changes = attributeChanges(wanted, actual);
      return changes.length === 0 ? undefined : { action: 'update', summary: `${path}: ${changes.join(', ')}` };
    },
    apply: async (host) => {
      await host.run(cmd('install', '-d', '-o', wanted.owner, '-g', wanted.group, '-m', wanted.mode, '--', path));
    },
  });
}
