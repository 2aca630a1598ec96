import { readdir, readFile } from 'node:fs/promises';

/** A process that cannot be mistaken for a later one with the same number: the pid and when it started, in clock ticks. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** Linux counts in hundredths of a second for every program (USER_HZ, proc(5)). */
const TICKS_PER_SECOND = 100;

/** Who a running process is; undefined when there is none with that pid, or only its remains (a zombie). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets and may itself hold brackets and spaces (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = Number(fields[19]);
  return stat === '' || fields[0] === 'Z' ? undefined : { pid, startTicks };
}

/** Whether exactly this process still runs. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  return (await identify(process.pid))?.startTicks === process.startTicks;
}

/** For how long a process has been running. */
export async function uptimeSeconds({ startTicks }: ProcessIdentity): Promise<number> {
  const [seconds = '0'] = (await readFile('/proc/uptime', 'utf8')).split(' ');
  return Math.max(0, Number(seconds) - startTicks / TICKS_PER_SECOND);
}

/** Sends a signal to exactly this process, and to nothing when it has ended. */
export async function signal(target: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (await isAlive(target)) process.kill(target.pid, name);
}

/** The running processes, this one aside, whose command line (program and arguments) is accepted. */
export async function findProcesses(accept: (words: readonly string[]) => boolean): Promise<ProcessIdentity[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').slice(0, -1);
      return accept(words) ? identify(Number(pid)) : undefined;
    }),
  );
  return found.flatMap((one) => one ?? []);
}
