import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** How long `cmd:` may take: it may ask a vault over the network, or wait for a touch on a key. */
const COMMAND_DEADLINE_MS = 60_000;

/** A reference that leads nowhere; the message never has a value in it. */
export class BrokenReference extends Error {}

/**
 * The value that an entry stands for: `env:NAME`, `file:PATH` (relative to `folder`; `~` is the home directory) and
 * `cmd:COMMAND` (by the shell, in `folder`) are looked up, without the newline at their end; all else is the value itself.
 *
 * @throws BrokenReference
 */
export async function resolveReference(entry: string, folder: string): Promise<string> {
  const value = await lookUp(entry, folder);
  if (value === '') throw new BrokenReference(`${describe(entry)} is empty`);
  return value;
}

async function lookUp(entry: string, folder: string): Promise<string> {
  const [kind, rest] = [/^(?:env|file|cmd):/u.exec(entry)?.[0], entry.replace(/^(?:env|file|cmd):/u, '')];
  if (kind === 'env:') {
    const value = process.env[rest];
    if (value === undefined) throw new BrokenReference(`the environment has no ${rest}`);
    return value;
  }
  if (kind === 'file:') return fromFile(resolve(folder, rest.replace(/^~(?=\/)/u, homedir())));
  return kind === 'cmd:' ? fromCommand(rest, folder) : entry;
}

async function fromFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/u, '');
  } catch (error) {
    throw new BrokenReference(error instanceof Error ? error.message : `cannot read ${path}`);
  }
}

async function fromCommand(command: string, folder: string): Promise<string> {
  // Loaded here, because hardly any cluster needs it and every command would wait for it.
  const { execa, ExecaError } = await import('execa');
  try {
    const { stdout } = await execa(command, {
      shell: true,
      cwd: folder,
      timeout: COMMAND_DEADLINE_MS,
      stdin: 'inherit',
    });
    return stdout.trim();
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const reason = error.timedOut ? 'did not end in time' : `ended with status ${String(error.exitCode ?? 'unknown')}`;
    throw new BrokenReference(`the command ${JSON.stringify(command)} ${reason}`);
  }
}

function describe(entry: string): string {
  return /^(?:env|file|cmd):/u.test(entry) ? entry : 'the entry';
}
