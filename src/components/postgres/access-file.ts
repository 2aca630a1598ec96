import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host, RemoteFile } from '../../host/host.ts';
import { file } from '../../resources/file.ts';
import { resource, type Resource } from '../../resources/resource.ts';
import { renderTemplate } from '../../resources/template.ts';
import { POSTGRES } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { accessLines } from './access.ts';
import { accessTest, NEXT_ACCESS_FILE, passFile, PREVIOUS_ACCESS_FILE, REFUSED_STATUS } from './access-test.ts';

const TEST_DEADLINE_MS = 180_000;

interface AccessState {
  readonly file: RemoteFile | undefined;
  /** A test was cut off, and nobody knows what is in force. */
  readonly isUnfinished: boolean;
}

/** pg_hba.conf, tried on the host before it stays: see `accessTest`, which has it loaded, so that nobody has to be told. */
export function accessFile(target: Target): Resource {
  const attributes = { owner: 'root', group: POSTGRES.user, mode: '0640' };
  const content = renderTemplate('postgres/pg_hba.conf', { lines: accessLines(target.spec) });
  const plain = file({ ...attributes, path: POSTGRES.hbaFile, content });
  const { id, rendered } = plain;
  return resource<AccessState>({
    id,
    read: async (reader) => {
      const [found, previous] = await Promise.all([
        reader.readFile(POSTGRES.hbaFile),
        reader.readFile(PREVIOUS_ACCESS_FILE),
      ]);
      return { file: found, isUnfinished: previous !== undefined };
    },
    diff: ({ file: found, isUnfinished }) =>
      plain.diff(found) ??
      (isUnfinished
        ? { action: 'update', summary: `try ${POSTGRES.hbaFile} again: a test of it was cut off` }
        : undefined),
    apply: async (host) => {
      await host.writeFile(NEXT_ACCESS_FILE, content, attributes);
      await tryNext(host, target, content);
    },
    ...(rendered === undefined ? {} : { rendered }),
  });
}

async function tryNext(host: Host, target: Target, content: string): Promise<void> {
  const answer = await host.run(accessTest(target), {
    stdin: passFile(target),
    secret: true,
    okStatuses: [0, REFUSED_STATUS],
    deadlineMs: TEST_DEADLINE_MS,
  });
  if (answer.exitCode === 0) return;
  throw new PgscaleError('PGS_ACCESS_REFUSED', {
    what: `the new pg_hba.conf is not good for ${host.name}; the one before is in force`,
    host: host.name,
    why: refusals(answer.stdout, content).join('\n'),
  });
}

/** What the test said, with the text of the line that is meant. Pure. */
export function refusals(output: string, content: string): string[] {
  const lines = content.split('\n');
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind, first = '', second = '', ...rest] = line.split('|');
      if (kind === 'login') return `${first} cannot log in any more: ${[second, ...rest].join('|')}`;
      if (kind !== 'rule') return line;
      const place = second === POSTGRES.hbaFile ? (lines[Number(first) - 1] ?? '') : second;
      return `line ${first} (${place}): ${rest.join('|')}`;
    });
}
