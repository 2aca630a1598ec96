import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import type { RotationSettings } from './settings.ts';

export type Psql = RotationSettings['psql'];

/** How it shows that who was to read has ended. */
const ENDED: readonly string[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'];

/** A program of PostgreSQL that runs. */
export interface Program {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: Readable;
  readonly ended: Promise<void>;
}

/** Starts a program of the server's version. @param connects whether it is told where the server is */
export function program(
  { program: path, socketDirectory, port }: Psql,
  name: string,
  words: readonly string[],
  connects = true,
): Program {
  const target = connects ? ['-h', socketDirectory, '-p', String(port)] : [];
  const child = spawn(join(dirname(path), name), [...target, ...words], {
    env: { ...process.env, PGCONNECT_TIMEOUT: '5', PGAPPNAME: 'pgscale partitions', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = text(child.stderr);
  const ended = once(child, 'close').then(async ([status]) => {
    if (status === 0) return;
    const lines = (await said).trim().split('\n');
    throw new Error(lines.find((line) => line.includes('error:')) ?? `${name}: ${lines.at(-1) ?? ''}`);
  });
  // Who waits for it comes later, or never when something else failed first.
  ended.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** Gives a program what it reads. One that does not read on has ended, and says itself why. */
export async function fed(
  { stdin, ended }: Program,
  from: Readable,
  through: Transform = new PassThrough(),
): Promise<void> {
  const isBroken = (error: unknown): boolean =>
    error instanceof Error && 'code' in error && ENDED.includes(String(error.code));
  const written = pipeline(from, through, stdin).catch((error: unknown) => {
    if (!isBroken(error)) throw error;
  });
  await Promise.all([written, ended]);
}
