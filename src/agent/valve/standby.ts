import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { postmasterPid } from '../postgres-processes.ts';
import type { ValveSettings } from './settings.ts';

/**
 * Has the standby of this host stream from another address at once. Patroni does the same, two seconds after the former
 * primary has stopped. https://github.com/patroni/patroni/blob/v4.1.4/patroni/ha.py (time.sleep(2))
 */
export function follow({ dataDirectory, passFile }: ValveSettings['postgres'], from: string, to: string): void {
  const pid = postmasterPid(dataDirectory);
  if (pid === undefined) return;
  rewrite(passFile, (text) => redirectPasswords(text, from, to));
  rewrite(join(dataDirectory, 'postgresql.conf'), (text) => redirectConnection(text, from, to));
  process.kill(pid, 'SIGHUP');
}

/** The passfile with another address; a colon in one is escaped there. Pure. */
export function redirectPasswords(text: string, from: string, to: string): string {
  const escaped = (address: string): string => address.replaceAll(/[:\\]/gu, String.raw`\$&`);
  return text.replaceAll(/^(?:\\.|[^:\\])*(?=:)/gmu, (address) => (address === escaped(from) ? escaped(to) : address));
}

/** postgresql.conf with another host in primary_conninfo. Pure. */
export function redirectConnection(text: string, from: string, to: string): string {
  return text.replaceAll(/^primary_conninfo = .*$/gmu, (line) => line.replace(` host=${from} `, ` host=${to} `));
}

/** By a temporary file and a rename, with the same owner and mode. */
function rewrite(path: string, change: (text: string) => string): void {
  const { uid, gid, mode } = statSync(path);
  const temporary = `${path}.pgscale`;
  writeFileSync(temporary, change(readFileSync(path, 'utf8')), { mode });
  chownSync(temporary, uid, gid);
  renameSync(temporary, path);
}
