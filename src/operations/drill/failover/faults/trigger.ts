import { PgscaleError } from '../../../../errors/pgscale-error.ts';
import { sh, type Command } from '../../../../host/command.ts';
import type { CommandResult, Host } from '../../../../host/host.ts';

/** A command that is ready on a host and waits for a word. */
export interface Trigger {
  /** Says the word and waits for the end. @throws PgscaleError PGS_REMOTE_COMMAND */
  pull(): Promise<void>;
  /** Lets it go without its having done anything. */
  release(): Promise<void>;
}

const READY_DEADLINE_MS = 15_000;
const DONE_DEADLINE_MS = 15_000;

/**
 * Starts `prepare` on the host and holds `act` back until it is pulled, so that nothing but one network round trip lies
 * between the word and the deed.
 */
export async function armTrigger(host: Host, prepare: Command, act: Command): Promise<Trigger> {
  const script = sh`set -e
${prepare}
echo ready
read -r word && [ "$word" = go ]
${act}`;
  let output = '';
  let wake: () => void = () => undefined;
  const session = await host.session(sh`exec sh -c ${script.script}`, (text) => {
    output += text;
    wake();
  });
  const ready = new Promise<boolean>(
    (resolve) => (wake = () => (output.includes('ready') ? resolve(true) : undefined)),
  );
  wake();
  const isReady = await within(Promise.race([ready, session.ended.then(() => false)]), READY_DEADLINE_MS);
  if (isReady !== true) {
    await session[Symbol.asyncDispose]();
    throw failed(host, await session.ended);
  }
  return {
    pull: async () => {
      session.write('go\n');
      const result = await within(session.ended, DONE_DEADLINE_MS);
      if (result?.exitCode !== 0) throw failed(host, result);
    },
    release: async () => session[Symbol.asyncDispose](),
  };
}

function failed(host: Host, result: CommandResult | undefined): PgscaleError {
  return new PgscaleError('PGS_REMOTE_COMMAND', {
    what: `the fault could not be injected on ${host.name}`,
    host: host.name,
    why: result === undefined ? 'it did not end in time' : result.stderr.trim() || `status ${result.exitCode}`,
  });
}

async function within<T>(value: Promise<T>, deadlineMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), deadlineMs)));
  try {
    return await Promise.race([value, over]);
  } finally {
    clearTimeout(timer);
  }
}
