import { createHash } from 'node:crypto';

import { sh } from '../host/command.ts';
import { resource, type Notification, type Resource } from './resource.ts';

export interface ProgramDefinition {
  /** In a directory of our own: what is there is replaced. */
  path: string;
  /** The whole program; too long to be read back or to be shown as a diff. */
  content: string;
  notifies?: readonly Notification[];
}

/** A program of ours, known by its digest. Owned by root, for anyone to run. */
export function program({ path, content, notifies = [] }: ProgramDefinition): Resource {
  const wanted = `${createHash('sha256').update(content).digest('hex')} root root 755`;
  return resource<string | undefined>({
    id: `file:${path}`,
    read: async (reader) => {
      const answer = await reader.read(
        sh`test -f ${path} && printf '%s %s' "$(sha256sum <${path} | cut -d' ' -f1)" "$(stat -c '%U %G %a' ${path})"`,
      );
      return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
    },
    diff: (actual) => {
      if (actual === undefined) return { action: 'create', summary: `install ${path}` };
      return actual === wanted ? undefined : { action: 'update', summary: `replace ${path} by another version` };
    },
    apply: (host) => host.writeFile(path, content, { owner: 'root', group: 'root', mode: '0755' }),
    notifies,
  });
}
