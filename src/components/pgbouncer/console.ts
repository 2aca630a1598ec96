import { z } from 'zod';

import { sh, type Command } from '../../host/command.ts';
import type { Host, Reader } from '../../host/host.ts';
import { PGBOUNCER } from '../../spec/layout.ts';

/** What the console of one process said. */
export interface ConsoleAnswer {
  readonly process: number;
  readonly isOk: boolean;
  /** What psql printed; 124 as the status of a statement that took too long shows as `isOk: false`. */
  readonly text: string;
}

const WANTED_UNITS = '/etc/systemd/system/multi-user.target.wants/pgscale-pgbouncer@';
const answerSchema = z.tuple([z.coerce.number().int(), z.coerce.number().int(), z.string()]);

/** Runs statements on the console of every process of a host at once; each one's are given up after `deadlineSeconds`. */
export async function onEveryProcess(
  host: Host,
  port: number,
  statements: readonly string[],
  deadlineSeconds = 5,
): Promise<ConsoleAnswer[]> {
  const command = everyProcess(port, statements, deadlineSeconds);
  const { stdout } = await host.run(command, { deadlineMs: (deadlineSeconds + 10) * 1000 });
  return parseConsole(stdout);
}

/** The databases that are paused, by process. Changes nothing. */
export async function readPaused(reader: Reader, port: number): Promise<ReadonlyMap<number, readonly string[]>> {
  const { stdout } = await reader.read(everyProcess(port, ['SHOW DATABASES'], 5));
  return new Map(parseConsole(stdout).map(({ process, text }) => [process, pausedDatabases(text)]));
}

/** `process|status|text` a line, with the newlines of the text as tabs. Pure. */
export function parseConsole(stdout: string): ConsoleAnswer[] {
  return stdout.split('\n').flatMap((line) => {
    const [process, status, ...rest] = line.split('|');
    const { data } = answerSchema.safeParse([process, status, rest.join('|')]);
    return data === undefined
      ? []
      : [{ process: data[0], isOk: data[1] === 0, text: data[2].replaceAll('\t', '\n').trim() }];
  });
}

/** The names in the CSV of SHOW DATABASES whose column `paused` is 1. Pure. */
export function pausedDatabases(csv: string): string[] {
  const [head = '', ...rows] = csv.split('\n').map((line) => line.split(','));
  const column = head.indexOf('paused');
  if (column < 0) return [];
  return rows.filter((row) => row[column] === '1').flatMap(([name]) => name ?? []);
}

function everyProcess(port: number, statements: readonly string[], deadlineSeconds: number): Command {
  const words = statements.flatMap((statement) => ['-c', statement]);
  return sh`for unit in ${WANTED_UNITS}*.service; do
  test -h "$unit" || continue
  id=${{ script: '${unit##*@}' }}; id=${{ script: '${id%.service}' }}
  (
    text=$(timeout ${deadlineSeconds} runuser -u postgres -- env PGCONNECT_TIMEOUT=3 psql -X --csv -h ${PGBOUNCER.socketDirectories}/"$id" -p ${port} -U pgbouncer -d pgbouncer ${words} 2>&1)
    status=$?
    echo "$id|$status|$(printf %s "$text" | tr '\n' '\t')"
  ) &
done
wait`;
}
