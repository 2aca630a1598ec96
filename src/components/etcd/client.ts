import { z } from 'zod';

import { cmd, type Command } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';
import { parseJson } from '../../host/parse-json.ts';
import { PKI } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { etcdClientUrl } from '../../spec/services.ts';

/** `GET /health`: a linearizable read, which needs a majority. https://etcd.io/docs/v3.5/op-guide/monitoring/ */
const healthSchema = z.object({ health: z.enum(['true', 'false']), reason: z.string().default('') });

/** `POST /v3/maintenance/status`; numbers of 64 bits are strings, what is 0 is left out. https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/ */
const statusSchema = z.object({
  header: z.object({ member_id: z.string() }),
  version: z.string(),
  dbSize: z.coerce.number(),
  leader: z.string().default('0'),
});

/** etcd on one host, as it sees itself. */
export interface EtcdStatus {
  readonly version: string;
  readonly isLeader: boolean;
  /** Whether it knows of a leader: without one nothing can be written. */
  readonly hasLeader: boolean;
  readonly databaseBytes: number;
}

/** What etcd of one host answers. */
export interface EtcdView {
  /** Why its member is not healthy; undefined when it answers a linearizable read, which needs a majority. */
  readonly problem: string | undefined;
  /** Undefined when it does not answer. */
  readonly status: EtcdStatus | undefined;
}

const ANSWER_SECONDS = 3;

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

/** Asks etcd of a dcs host for its health and its state, over one connection: a start of etcdctl costs more than both. */
export async function readEtcd(reader: Reader, spec: Spec, host: HostSpec): Promise<EtcdView> {
  const url = etcdClientUrl(spec, host);
  const each = ['-sS', '--noproxy', '*', '-m', String(ANSWER_SECONDS), '-w', String.raw`\n`];
  const tls = ['--cacert', PKI.ca, '--cert', PKI.certificate, '--key', PKI.key];
  const status = ['-d', '{}', `${url}/v3/maintenance/status`];
  const answer = await reader.read(cmd('curl', ...each, ...tls, `${url}/health`, '--next', ...each, ...tls, ...status));
  const [first = '', second = ''] = answer.stdout.split('\n');
  return { problem: etcdProblem(first, answer.stderr), status: etcdStatus(second) };
}

function etcdProblem(text: string, stderr: string): string | undefined {
  const health = parseJson(healthSchema, text);
  if (health?.health === 'true') return undefined;
  return health?.reason || stderr.split('\n')[0] || 'etcd does not answer';
}

function etcdStatus(text: string): EtcdStatus | undefined {
  const found = parseJson(statusSchema, text);
  if (found === undefined) return undefined;
  const { version, dbSize, leader, header } = found;
  return { version, databaseBytes: dbSize, hasLeader: leader !== '0', isLeader: leader === header.member_id };
}
