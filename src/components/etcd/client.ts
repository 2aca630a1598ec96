import { z } from 'zod';

import { cmd, type Command } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';
import { PKI } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { etcdClientUrl } from '../../spec/services.ts';

/** `etcdctl endpoint health -w json`: one entry per endpoint. */
const healthSchema = z.array(z.object({ endpoint: z.string(), health: z.boolean(), error: z.string().optional() }));

/** `etcdctl endpoint status -w json`: one entry per endpoint that answered. Ids are 64 bits: only their equality counts. */
const statusSchema = z.array(
  z.object({
    Endpoint: z.string(),
    Status: z.object({
      header: z.object({ member_id: z.number() }),
      version: z.string(),
      dbSize: z.number(),
      leader: z.number().default(0),
    }),
  }),
);

/** etcd on one host, as it sees itself. */
export interface EtcdStatus {
  readonly version: string;
  readonly isLeader: boolean;
  /** Whether it knows of a leader: without one nothing can be written. */
  readonly hasLeader: boolean;
  readonly databaseBytes: number;
}

/** Runs etcdctl on a dcs host against that host's own member. */
export function etcdctl(spec: Spec, host: HostSpec, ...args: string[]): Command {
  return cmd(
    'etcdctl',
    `--endpoints=${etcdClientUrl(spec, host)}`,
    `--cacert=${PKI.ca}`,
    `--cert=${PKI.certificate}`,
    `--key=${PKI.key}`,
    '--command-timeout=3s',
    ...args,
  );
}

/** Why the member of a host is not healthy; undefined when it answers a linearizable read, which needs a majority. */
export async function etcdProblem(reader: Reader, spec: Spec, host: HostSpec): Promise<string | undefined> {
  const answer = await reader.read(etcdctl(spec, host, 'endpoint', 'health', '--write-out=json'));
  const [first] = parsed(healthSchema, answer.stdout) ?? [];
  if (first?.health === true) return undefined;
  return first?.error ?? (answer.stderr.split('\n').at(-1) || 'etcd does not answer');
}

/** The state of the member on a host; undefined when it does not answer. */
export async function etcdStatus(reader: Reader, spec: Spec, host: HostSpec): Promise<EtcdStatus | undefined> {
  const answer = await reader.read(etcdctl(spec, host, 'endpoint', 'status', '--write-out=json'));
  const [first] = parsed(statusSchema, answer.stdout) ?? [];
  if (first === undefined) return undefined;
  const { version, dbSize, leader, header } = first.Status;
  return {
    version,
    databaseBytes: dbSize,
    hasLeader: leader !== 0,
    isLeader: leader !== 0 && leader === header.member_id,
  };
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
