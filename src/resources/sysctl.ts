import { cmd, sh, type Command } from '../host/command.ts';
import { fileChange, FILE_MARKER } from './file.ts';
import { resource, type Change, type Resource } from './resource.ts';
import type { RemoteFile } from '../host/host.ts';

interface SysctlState {
  file: RemoteFile | undefined;
  /** Values in force, by key; a key that the kernel does not have, or that is read-only here, is left out. */
  live: ReadonlyMap<string, string>;
}

/**
 * Kernel settings: the file in /etc/sysctl.d, and the values in force. A key that cannot be written on this host (a
 * container) stays in the file and is not counted as a difference.
 */
export function sysctl(name: string, settings: Readonly<Record<string, string | number>>): Resource {
  const path = `/etc/sysctl.d/${name}.conf`;
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  const wanted: RemoteFile = {
    content: `# ${FILE_MARKER}\n${lines.join('\n')}\n`,
    owner: 'root',
    group: 'root',
    mode: '0644',
  };
  return resource<SysctlState>({
    id: `sysctl:${name}`,
    read: async (reader) => {
      const [found, live] = await Promise.all([reader.readFile(path), reader.read(readLive(Object.keys(settings)))]);
      return { file: found, live: new Map(live.stdout.split('\n').map((line) => splitOnce(line))) };
    },
    diff: (actual) => sysctlChange(path, wanted, settings, actual),
    apply: async (host) => {
      await host.writeFile(path, wanted.content, wanted);
      await host.run(cmd('sysctl', '--quiet', '--ignore', '--load', path), { okStatuses: 'any' });
    },
  });
}

/**
 * One `key=value` for each key that can be written here (the shell opens its file and writes nothing). Not by `read`: dash asks
 * for one byte at a time, and the kernel gives a number only to who reads it from its beginning.
 */
function readLive(keys: readonly string[]): Command {
  const pairs = keys.map((key) => `${key}=/proc/sys/${pathOf(key)}`);
  return sh`for pair in ${pairs}; do f=${{ script: '${pair#*=}' }}; [ -w "$f" ] && (: >>"$f") 2>/dev/null && echo "${{ script: '${pair%%=*}' }}=$(cat "$f")"; done; true`;
}

/** With slashes from the start, dots are part of a name (of an interface), as in sysctl.d(5). */
export function pathOf(key: string): string {
  return /^[^./]*\//u.test(key) ? key : key.replaceAll('.', '/');
}

/** The kernel puts a tab between the numbers of a key that has several. */
function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=');
  return [
    line.slice(0, at),
    line
      .slice(at + 1)
      .replaceAll(/\s+/gu, ' ')
      .trim(),
  ];
}

function sysctlChange(
  path: string,
  wanted: RemoteFile,
  settings: Readonly<Record<string, string | number>>,
  actual: SysctlState,
): Change | undefined {
  const inFile = fileChange(path, wanted, actual.file);
  if (inFile !== undefined) return inFile;
  const off = Object.entries(settings).filter(
    ([key, value]) => (actual.live.get(key) ?? String(value)) !== String(value),
  );
  if (off.length === 0) return undefined;
  return { action: 'update', summary: `set ${off.map(([key, value]) => `${key}=${value}`).join(', ')}` };
}
