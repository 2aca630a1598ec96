import { PgscaleError } from '../errors/pgscale-error.ts';
import { parseArchive, type ArchivedFile } from './archive.ts';
import { sh, type Command } from './command.ts';
import { commandFailed, deadlinePassed, type ExecuteOptions } from './host-errors.ts';
import type { CommandResult, RemoteFile } from './host.ts';
import { decodeText } from './text.ts';

/** A read that hangs does not keep the others from their answer. */
const READ_DEADLINE_MS = 20_000;
/** How many commands a host runs at once for us. */
const PARALLEL = 16;
const BATCH: ExecuteOptions = { deadlineMs: 60_000, label: 'reading its state' };
/** What timeout(1) ends with: the time is over, or it had to kill. */
const TIMED_OUT = [124, 137];

interface Waiting<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

/** What a batch needs of its host: one script, run as root, with its output as bytes. */
export type Execute = (
  command: Command,
  options: ExecuteOptions,
) => Promise<{ exitCode: number; stdout: Buffer; stderr: string }>;

/**
 * Collects the reads that are asked for in one turn of the event loop and has them answered by one script. The script
 * changes nothing; its answer is one tar archive, because that frames any bytes and costs one process for all files.
 */
export class ReadBatch {
  readonly #host: string;
  readonly #execute: Execute;
  #commands: (Waiting<CommandResult> & { command: Command })[] = [];
  #files = new Map<string, Waiting<RemoteFile | undefined>[]>();
  #isScheduled = false;

  constructor(host: string, execute: Execute) {
    this.#host = host;
    this.#execute = execute;
  }

  read(command: Command): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.#commands.push({ command, resolve, reject });
      this.#schedule();
    });
  }

  /** The file behind a path, symbolic links followed. Not for /proc and /sys, whose files have no size: `read` those. */
  readFile(path: string): Promise<RemoteFile | undefined> {
    if (/^\/(?:proc|sys)\//u.test(path)) throw new Error(`${path} is no file on a disk; read it with cat`);
    return new Promise((resolve, reject) => {
      this.#files.set(path, [...(this.#files.get(path) ?? []), { resolve, reject }]);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const commands = this.#commands;
    const files = this.#files;
    this.#commands = [];
    this.#files = new Map();
    this.#isScheduled = false;
    try {
      const script = batchScript(
        commands.map(({ command }) => command),
        [...files.keys()],
      );
      const answer = await this.#execute(script, BATCH);
      if (answer.exitCode !== 0) throw commandFailed(this.#host, script, { ...answer, stdout: '' }, BATCH);
      refuseUnreadable(this.#host, answer.stderr);
      const archive = parseArchive(answer.stdout);
      for (const [path, waiting] of files) {
        for (const { resolve } of waiting) resolve(remoteFile(archive.get(path)));
      }
      for (const [index, { command, resolve, reject }] of commands.entries()) {
        const result = commandResult(archive, index);
        if (result === undefined) reject(answerMissing(this.#host, 'the end of a command'));
        else if (TIMED_OUT.includes(result.exitCode)) reject(deadlinePassed(this.#host, command, READ_DEADLINE_MS, {}));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of [...commands, ...[...files.values()].flat()]) reject(error);
    }
  }
}

/**
 * The script of a batch. Each command is a file of its own, so that a mistake in one does not break the others, and
 * `ps` shows none of them.
 */
export function batchScript(commands: readonly Command[], paths: readonly string[]): Command {
  const starts = commands.flatMap(({ script }, index) => {
    const start = sh`printf '%s\n' ${script} >${index}.sh; { timeout -k 2 ${READ_DEADLINE_MS / 1000} sh $d/${index}.sh >${index}.out 2>${index}.err; echo $? >${index}.status; } &`;
    return (index + 1) % PARALLEL === 0 ? [start.script, 'wait'] : [start.script];
  });
  const names = commands.flatMap((_, index) => [`${index}.out`, `${index}.err`, `${index}.status`]);
  return sh`umask 077
d=$(mktemp -d -p /run pgscale-read.XXXXXX 2>/dev/null || mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
trap 'exit 1' HUP INT TERM
cd "$d" || exit 1
exec </dev/null
${{ script: starts.join('\n') }}
wait
tar --create --file=- --format=gnu --absolute-names --dereference --hard-dereference --no-recursion --ignore-failed-read --warning=no-file-changed --warning=no-file-ignored -- ${[...names, ...paths]}
exit 0`;
}

function remoteFile(file: ArchivedFile | undefined): RemoteFile | undefined {
  if (file === undefined) return undefined;
  return { owner: file.owner, group: file.group, mode: file.mode, content: file.content.toString('utf8') };
}

function commandResult(archive: ReadonlyMap<string, ArchivedFile>, index: number): CommandResult | undefined {
  const [status, stdout, stderr] = ['status', 'out', 'err'].map((part) => archive.get(`${index}.${part}`)?.content);
  if (status === undefined || stdout === undefined || stderr === undefined) return undefined;
  return { exitCode: Number.parseInt(status.toString(), 10), stdout: decodeText(stdout), stderr: decodeText(stderr) };
}

/** A file that is not there is an answer; one that is there and cannot be read must not pass for it. */
function refuseUnreadable(host: string, stderr: string): void {
  const problems = stderr.split('\n').filter((line) => !/^$|No such file|Not a directory|Exiting with/u.test(line));
  if (problems.length > 0) throw answerMissing(host, problems.join('\n'));
}

function answerMissing(host: string, why: string): PgscaleError {
  return new PgscaleError('PGS_REMOTE_ANSWER', { what: `${host} could not read its own state`, host, why });
}
