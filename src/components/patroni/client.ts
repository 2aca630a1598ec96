import type { z } from 'zod';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { cmd, sh, type Command } from '../../host/command.ts';
import type { CommandResult, Host, Reader } from '../../host/host.ts';
import { parseJson } from '../../host/parse-json.ts';
import { PATRONI, PKI } from '../../spec/layout.ts';
import { patroniUrl } from '../../spec/services.ts';
import type { Target } from '../component.ts';
import { clusterAnswer, configAnswer, memberAnswer, type ClusterAnswer, type MemberAnswer } from './answers.ts';

/** Whose Patroni is told, and the password for it. */
type Sender = Pick<Target, 'spec' | 'host' | 'secrets'>;

/** Whose Patroni is asked: the one of this host, from this host. */
type Member = Pick<Target, 'spec' | 'host'>;

const ANSWER_SECONDS = 5;
const TLS = ['--cacert', PKI.ca, '--cert', PKI.certificate, '--key', PKI.key];

/** All members, as etcd has them; undefined when Patroni on this host does not answer. */
export async function readCluster(reader: Reader, member: Member): Promise<ClusterAnswer | undefined> {
  return get(reader, member, '/cluster', clusterAnswer);
}

/** The member of this host, as it sees itself; undefined when its Patroni does not answer. */
export async function readMember(reader: Reader, member: Member): Promise<MemberAnswer | undefined> {
  return get(reader, member, '/patroni', memberAnswer);
}

/** The shared config that is in force; undefined when Patroni does not answer or there is no cluster yet. */
export async function readSharedConfig(reader: Reader, member: Member): Promise<Record<string, unknown> | undefined> {
  return get(reader, member, '/config', configAnswer);
}

/**
 * Changes the shared config: what is null is removed, what is not named stays.
 * @throws PgscaleError PGS_REMOTE_ANSWER when Patroni refuses
 */
export async function patchSharedConfig(host: Host, target: Sender, patch: object): Promise<void> {
  await send(host, target, { method: 'PATCH', path: '/config', body: patch, seconds: 20 });
}

/**
 * Has Patroni of the leader look at its members now, not at the end of its loop: it makes the slot of a new standby, and
 * counts a standby as synchronous, when it looks. Setting what is set already changes nothing and wakes it
 * (`do_PATCH_config` of patroni/api.py). Nothing happens while Patroni does not answer.
 *
 * @throws PgscaleError PGS_REMOTE_ANSWER when Patroni refuses
 */
export async function wakeLeader(host: Host, target: Sender): Promise<void> {
  const loopWaitSeconds = (await readSharedConfig(host, target))?.['loop_wait'];
  if (loopWaitSeconds !== undefined) await patchSharedConfig(host, target, { loop_wait: loopWaitSeconds });
}

/**
 * Restarts PostgreSQL on this host and returns when it runs again.
 * @throws PgscaleError PGS_REMOTE_ANSWER when Patroni refuses or the restart fails
 */
export async function restartMember(host: Host, target: Sender): Promise<void> {
  await send(host, target, { method: 'POST', path: '/restart', body: {}, seconds: 150 });
}

/**
 * Has Patroni and PostgreSQL of this host read their settings again.
 * @throws PgscaleError PGS_REMOTE_ANSWER when Patroni refuses
 */
export async function reloadMember(host: Host, target: Sender): Promise<void> {
  await send(host, target, { method: 'POST', path: '/reload', body: {}, seconds: 20 });
}

/**
 * Has Patroni of a standby throw its data away and copy the leader's, beside us: it answers at once.
 * @throws PgscaleError PGS_REMOTE_ANSWER when Patroni refuses
 */
export async function reinitialiseMember(host: Host, target: Sender): Promise<void> {
  await send(host, target, { method: 'POST', path: '/reinitialize', body: { force: true }, seconds: 30 });
}

async function get<T>(
  reader: Reader,
  { spec, host }: Member,
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const url = `${patroniUrl(spec, host)}${path}`;
  const answer = await reader.read(curlGet(url));
  if (answer.exitCode !== 0) return undefined;
  // `{"…"}` is missing while there is no cluster: no JSON counts as no answer.
  return parseJson(schema, answer.stdout);
}

/** @param args URLs, and how their answers are written */
function curlGet(...args: string[]): Command {
  return cmd('curl', '-sS', '--noproxy', '*', '-m', String(ANSWER_SECONDS), ...TLS, ...args);
}

export interface PatroniRequest {
  readonly method: 'PATCH' | 'POST' | 'DELETE' | 'PUT';
  readonly path: string;
  readonly body: object;
  /** Given up after this time. */
  readonly seconds: number;
}

/**
 * A request that changes something, with the password on curl's standard input. Gives the answer's text.
 * @throws PgscaleError PGS_REMOTE_ANSWER when the status is not 2xx
 */
export async function send(host: Host, target: Sender, request: PatroniRequest): Promise<string> {
  const answer = await host.run(curl(target, request), {
    stdin: curlConfig(target.secrets.passwords.patroniRest, request),
    secret: true,
    okStatuses: 'any',
    deadlineMs: (request.seconds + 5) * 1000,
  });
  return accepted(host, request, answer);
}

/** Whether Patroni has said no (4xx), which is final: by 503 it says that it does not know, and may go on. Pure. */
export function isRefusal(error: unknown): error is PgscaleError {
  const status = error instanceof PgscaleError ? error.details.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}

/** A request that stands ready on the host, so that nothing has to be started when every moment counts. */
export interface PreparedRequest extends AsyncDisposable {
  /** Sends it, once. Otherwise as `send`. */
  go(): Promise<string>;
}

/** Prepares a request; disposing of it without `go` sends nothing. */
export async function prepareSend(host: Host, target: Sender, request: PatroniRequest): Promise<PreparedRequest> {
  const config = curlConfig(target.secrets.passwords.patroniRest, request);
  const session = await host.session(
    sh`config=$(head -c ${Buffer.byteLength(config)}); [ -n "$config" ] || exit 1
printf '%s' "$config" | ${curl(target, request)}`,
    () => undefined,
  );
  return {
    go: async () => {
      session.write(config);
      return accepted(host, request, await session.ended);
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function curl({ spec, host }: Sender, { path }: PatroniRequest): Command {
  const url = `${patroniUrl(spec, host)}${path}`;
  return cmd('curl', '-sS', '--noproxy', '*', '-w', String.raw`\n%{http_code}`, ...TLS, '-K', '-', url);
}

function accepted(host: Host, { method, path }: PatroniRequest, answer: CommandResult): string {
  const lines = answer.stdout.split('\n');
  const status = Number(lines.pop());
  const text = lines.join('\n').trim();
  if (status >= 200 && status < 300) return text;
  throw new PgscaleError('PGS_REMOTE_ANSWER', {
    what: `Patroni on ${host.name} refused ${method} ${path}`,
    host: host.name,
    why: text === '' ? answer.stderr : `${status}: ${text}`,
    details: { status },
  });
}

/** https://curl.se/docs/manpage.html#-K: a value in double quotes, with backslash escapes as in JSON. */
function curlConfig(password: string, { method, body, seconds }: PatroniRequest): string {
  return [
    `request = ${method}`,
    `user = ${JSON.stringify(`${PATRONI.restUser}:${password}`)}`,
    'header = "Content-Type: application/json"',
    `data = ${JSON.stringify(JSON.stringify(body))}`,
    `max-time = ${seconds}`,
    '',
  ].join('\n');
}
