import { z } from 'zod';

import { cmd } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { PKI } from '../spec/layout.ts';
import { hostPort } from '../spec/address.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import { parseJson } from './parse-json.ts';

const REST_DEADLINE_SECONDS = 3;

/** `GET /patroni`, of which only what the status shows. https://patroni.readthedocs.io/en/latest/rest_api.html */
const ownSchema = z.object({
  state: z.string(),
  role: z.string(),
  timeline: z.number().optional(),
  pending_restart: z.boolean().optional(),
  pause: z.boolean().optional(),
  cluster_unlocked: z.boolean().optional(),
  patroni: z.object({ version: z.string(), scope: z.string() }),
});

/** `GET /cluster`: all members, as the DCS has them. */
const clusterSchema = z.object({
  members: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      state: z.string(),
      timeline: z.number().optional(),
      lag: z.union([z.number(), z.string()]).optional(),
    }),
  ),
  pause: z.boolean().optional(),
});

/** What the Patroni of one host says of itself and of the cluster. */
export interface PatroniView {
  readonly version: string;
  readonly state: string;
  readonly role: string;
  readonly isPendingRestart: boolean;
  /** Patroni does not fail over while it is paused. */
  readonly isPaused: boolean;
  /** Empty when it cannot read the DCS. */
  readonly members: readonly { readonly name: string; readonly role: string; readonly state: string }[];
}

/** Asks Patroni's REST API on its own host, with the host's certificate. Undefined when it does not answer. */
export async function readPatroniView(reader: Reader, spec: Spec, host: HostSpec): Promise<PatroniView | undefined> {
  const base = `https://${hostPort(host.address, spec.failover.restPort)}`;
  const answer = await reader.read(
    cmd(
      'curl',
      ...['--silent', '--max-time', String(REST_DEADLINE_SECONDS), '--write-out', String.raw`\n`],
      ...['--cacert', PKI.ca, '--cert', PKI.certificate, '--key', PKI.key],
      ...[`${base}/patroni`, `${base}/cluster`],
    ),
  );
  return parsePatroniView(answer.stdout);
}

/** Reads both answers, one per line. Pure. */
export function parsePatroniView(text: string): PatroniView | undefined {
  const [ownText = '', clusterText = ''] = text.split('\n');
  const own = parseJson(ownSchema, ownText);
  if (own === undefined) return undefined;
  const cluster = parseJson(clusterSchema, clusterText);
  return {
    version: own.patroni.version,
    state: own.state,
    role: own.role,
    isPendingRestart: own.pending_restart ?? false,
    isPaused: own.pause ?? cluster?.pause ?? false,
    members: (cluster?.members ?? []).map(({ name, role, state }) => ({ name, role, state })),
  };
}
