import { spawn, type ChildProcess } from 'node:child_process';

/** The last words of a program, for a message. */
const TAIL_CHARS = 4000;

/** A program that was started, with what it says. */
export interface Started {
  readonly child: ChildProcess;
  /** Its last words, of both outputs. */
  readonly said: () => string;
  /** Its status; -1 when a signal ended it or it could not start. */
  readonly ended: Promise<number>;
}

/** Starts a program without a shell. */
export function start(program: string, words: readonly string[]): Started {
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-TAIL_CHARS)));
  }
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      tail += error.message;
      resolve(-1);
    });
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { child, said: () => tail.trim(), ended };
}

/** Runs a program to its end and gives what it said. @throws Error with its last words when it fails or is to stop */
export async function run(program: string, words: readonly string[], signal: AbortSignal): Promise<string> {
  const { child, said, ended } = start(program, words);
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const status = await ended;
    signal.throwIfAborted();
    if (status !== 0) throw new Error(`${program.replace(/^.*\//u, '')} ended with ${status}: ${said()}`);
    return said();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
