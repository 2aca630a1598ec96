import type { Command } from '../../src/host/command.ts';
import type { CommandResult, Host, RemoteFile, RunOptions } from '../../src/host/host.ts';
import type { Resource } from '../../src/resources/resource.ts';

/** What applying a resource wrote and ran. */
export interface Done {
  readonly files: Map<string, RemoteFile>;
  readonly runs: { readonly script: string; readonly stdin: string }[];
}

/** What the resources that look at it take for a host on which nothing of theirs is there. */
const NOTHING: Record<string, unknown> = {
  service: { isEnabled: false, activeState: 'inactive' },
  pgbouncer: [],
  haproxy: [],
};
/** Installing is a job that is followed: there is nothing to learn from it. */
const NOT_APPLIED = ['packages'];

/** Applies a resource to a host that only notes what is done to it. */
export async function appliedTo(resource: Resource): Promise<Done> {
  const done: Done = { files: new Map(), runs: [] };
  const [kind = ''] = resource.id.split(':');
  if (NOT_APPLIED.includes(kind)) return done;
  await resource.apply(notingHost(done), NOTHING[kind]);
  return done;
}

/** Patroni's shared config once it was changed: the body of the change, which stands on curl's standard input. */
export function sharedConfigTold({ runs }: Done): string {
  const [, body] = /^data = (.*)$/mu.exec(runs.map(({ stdin }) => stdin).join('\n')) ?? [];
  if (body === undefined) return refuse();
  return JSON.parse(body) as string;
}

function refuse(): never {
  throw new Error('a host that only notes has nothing to answer');
}

function notingHost(done: Done): Host {
  const { files, runs } = done;
  return {
    name: 'notes',
    address: '192.0.2.1',
    roundTrips: 0,
    // Patroni is asked whether it has taken what it was told; nothing else is.
    read: async () => ({ exitCode: 0, stdout: sharedConfigTold(done), stderr: '' }),
    readFile: refuse,
    session: refuse,
    forward: refuse,
    close: async () => undefined,
    run: async ({ script }: Command, options: RunOptions = {}): Promise<CommandResult> => {
      runs.push({ script, stdin: options.stdin ?? '' });
      // The status that Patroni answers with, when it is Patroni that was asked.
      return { exitCode: 0, stdout: '200', stderr: '' };
    },
    writeFile: async (path, content, { owner, group, mode }) => {
      // What is written beside its place is moved there by what is run next.
      files.set(path.replace(/\.next$/u, ''), { content, owner, group, mode });
    },
  };
}
