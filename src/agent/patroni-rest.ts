import { readFileSync } from 'node:fs';
import { request } from 'node:https';

import * as z from 'zod/mini';

/** Patroni's REST API on this host, and the files to prove who asks. */
export const restAccess = z.object({ url: z.string(), ca: z.string(), certificate: z.string(), key: z.string() });
type RestAccess = z.output<typeof restAccess>;

/** The same with what it takes to change something. */
export const restLogin = z.extend(restAccess, { user: z.string(), password: z.string() });
type RestLogin = z.output<typeof restLogin>;

/** How far the WAL of a member goes, received or replayed. */
export interface Position {
  readonly bytes: number;
  readonly timeline: number | undefined;
}

const location = z.optional(z.nullable(z.number()));
const positionAnswer = z.object({
  timeline: z.optional(z.nullable(z.number())),
  xlog: z.optional(z.object({ location, received_location: location, replayed_location: location })),
});

/** Asked in a hurry, and not. */
const WAKE_MS = 1500;
const ROLE_MS = 5000;
/** A patch of nothing: a key that is not there is removed. Patroni then runs its loop at once. */
const NOTHING = JSON.stringify({ pgscale_nudge: null });

/**
 * Has the Patroni of this host run its loop now. https://patroni.readthedocs.io/en/latest/rest_api.html#config-endpoint
 * @throws Error when it does not take it
 */
export async function wakePatroni(rest: RestLogin): Promise<void> {
  const { user, password } = rest;
  const { status } = await ask(
    rest,
    { method: 'PATCH', path: '/config', auth: `${user}:${password}`, ms: WAKE_MS },
    NOTHING,
  );
  if (status !== 200) throw new Error(`Patroni answers ${status}`);
}

/**
 * Whether this member leads at this moment: Patroni answers 200 to `GET /leader` of the holder of the leader lock only.
 * https://patroni.readthedocs.io/en/latest/rest_api.html#health-check-endpoints
 *
 * @throws Error when Patroni does not answer
 */
export async function isLeader(rest: RestAccess): Promise<boolean> {
  return (await ask(rest, { method: 'GET', path: '/leader', ms: ROLE_MS })).status === 200;
}

/**
 * How far a member is, by its own word. https://patroni.readthedocs.io/en/latest/rest_api.html#monitoring-endpoint
 * @throws Error when its Patroni does not answer
 */
export async function readPosition(rest: RestAccess, deadlineMs: number): Promise<Position> {
  const { text } = await ask(rest, { method: 'GET', path: '/patroni', ms: deadlineMs });
  const { timeline, xlog } = positionAnswer.parse(JSON.parse(text));
  const bytes = Math.max(xlog?.location ?? 0, xlog?.received_location ?? 0, xlog?.replayed_location ?? 0);
  return { bytes, timeline: timeline ?? undefined };
}

interface Question {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly auth?: string;
  readonly ms: number;
}

function ask(
  { url, ca, certificate, key }: RestAccess,
  { path, ms, ...question }: Question,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const credentials = { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key) };
  return new Promise((resolve, reject) => {
    const options = { ...question, ...credentials, agent: false as const, signal: AbortSignal.timeout(ms) };
    const sent = request(new URL(path, url), options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
