import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path of this machine with a leading `~/` resolved. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
