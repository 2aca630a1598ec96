import { createTwoFilesPatch } from 'diff';

import { cmd, sh } from '../host/command.ts';
import type { FileAttributes, Host, RemoteFile } from '../host/host.ts';
import { ETC } from '../spec/layout.ts';
import { masked, type Masked } from './masked.ts';
import { resource, type Change, type Notification, type Resource } from './resource.ts';

/** The words by which pgscale knows a file as its own. Every template begins with a comment that holds them. */
export const FILE_MARKER = 'Managed by pgscale';

/** How much of a file is secret: the values of some settings, one in each line, or all of it. */
export type Secrecy = 'values' | 'whole';

export interface FileDefinition extends Partial<FileAttributes> {
  path: string;
  /** Whole text of the file, with the marker in its first lines, unless it lives under /etc/pgscale. */
  content: string;
  /** Some values in it are secret, and the plan masks them; or the whole is, and the plan says that it differs, not how. */
  secret?: Secrecy;
  notifies?: readonly Notification[];
  /** What users notice when a file that is there is changed, because of what hears of it. */
  interruption?: string;
}

/** A text file with owner and mode. The parent directory must be there, or be an earlier resource. */
export function file(definition: FileDefinition): Resource {
  const { path, content } = definition;
  const wanted: RemoteFile = {
    content,
    owner: definition.owner ?? 'root',
    group: definition.group ?? 'root',
    mode: definition.mode ?? '0644',
  };
  return resource<RemoteFile | undefined>({
    id: `file:${path}`,
    read: (reader) => reader.readFile(path),
    diff: (actual) => {
      const change = fileChange(path, wanted, actual, definition.secret);
      const { interruption } = definition;
      return change?.action === 'update' && interruption !== undefined ? { ...change, interruption } : change;
    },
    apply: (host) => host.writeFile(path, content, wanted),
    foreign: (actual) => foreignFile(path, actual),
    rendered: { path, content, isSecret: definition.secret !== undefined },
    ...(definition.notifies === undefined ? {} : { notifies: definition.notifies }),
  });
}

/** What differs between the file that is there and the one that should be; pure. */
export function fileChange(
  path: string,
  wanted: RemoteFile,
  actual: RemoteFile | undefined,
  secrecy?: Secrecy,
): Change | undefined {
  if (actual === undefined) {
    return {
      action: 'create',
      summary: `create ${path}`,
      ...diffOf(path, { before: '', after: wanted.content }, secrecy),
    };
  }
  const attributes = attributeChanges(wanted, actual);
  if (actual.content === wanted.content) {
    return attributes.length === 0 ? undefined : { action: 'update', summary: `${path}: ${attributes.join(', ')}` };
  }
  const summary = [`change ${path}`, ...attributes].join(', ');
  return { action: 'update', summary, ...diffOf(path, { before: actual.content, after: wanted.content }, secrecy) };
}

function diffOf(path: string, { before, after }: Masked, secrecy: Secrecy | undefined): Pick<Change, 'diff'> {
  if (secrecy === 'whole') return {};
  const shown = secrecy === 'values' ? masked(before, after) : { before, after };
  return { diff: patch(path, before === '' ? '' : shown.before, shown.after) };
}

function patch(path: string, before: string, after: string): string {
  return createTwoFilesPatch(before === '' ? '/dev/null' : path, path, before, after, undefined, undefined, {
    context: 2,
  });
}

/** The differences in owner, group and mode, each as `mode 0644 → 0600`. */
export function attributeChanges(wanted: FileAttributes, actual: FileAttributes): string[] {
  return (['owner', 'group', 'mode'] as const)
    .filter((key) => wanted[key].padStart(4, '0') !== actual[key].padStart(4, '0'))
    .map((key) => `${key} ${actual[key]} → ${wanted[key]}`);
}

function foreignFile(path: string, actual: RemoteFile | undefined): string | undefined {
  if (actual === undefined || path.startsWith(`${ETC}/`)) return undefined;
  const isOurs = actual.content.split('\n').slice(0, 3).join('\n').includes(FILE_MARKER);
  return isOurs ? undefined : `${path} is there and was not written by pgscale`;
}

/** A file that should not be there any more. */
export function absentFile(path: string, notifies: readonly Notification[] = []): Resource {
  return resource<boolean>({
    id: `file:${path}`,
    read: async (reader) => (await reader.read(sh`test -e ${path}`)).exitCode === 0,
    diff: (isThere) => (isThere ? { action: 'remove', summary: `remove ${path}` } : undefined),
    apply: async (host: Host) => {
      await host.run(cmd('rm', '-f', '--', path));
    },
    notifies,
  });
}
