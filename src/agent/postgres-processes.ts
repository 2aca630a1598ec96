import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What the kernel says of a process: `T` is stopped by a signal, `Z` is dead and not yet buried. */
export interface ProcessState {
  readonly letter: string;
  /** Ticks since boot; with the pid it names one process for ever. */
  readonly startedAt: string;
}

/** The state of a process, or undefined when there is none. https://www.kernel.org/doc/html/latest/filesystems/proc.html */
export function processState(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [letter = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return letter === 'Z' || letter === 'X' ? undefined : { letter, startedAt: rest[18] ?? '' };
  } catch {
    return undefined;
  }
}

/**
 * Whether a process is a postgres of a data directory: every one of them works in it.
 * A deleted directory counts too, by the mark that the kernel adds.
 */
export function isPostgresOf(pid: number, dataDirectory: string): boolean {
  try {
    const place = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/u, '');
    return place === dataDirectory && basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('postgres');
  } catch {
    return false;
  }
}

/** Every process of PostgreSQL that works in a data directory. */
export function postgresProcesses(dataDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => processState(pid) !== undefined && isPostgresOf(pid, dataDirectory));
}

/** The pid in postmaster.pid; undefined when there is none, or when a single-user postgres wrote it (a negative one). */
export function postmasterPid(dataDirectory: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
