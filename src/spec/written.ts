import { Document, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { z } from 'zod';

import type { specSchema } from './schema.ts';

/** A spec before defaults are filled in, as somebody would write it. */
export type SpecDraft = z.input<typeof specSchema>;

/** What stands above each top-level key. */
const COMMENTS: Readonly<Partial<Record<string, string>>> = {
  cluster: 'The name of the cluster; it cannot be changed later.',
  ssh: 'How this machine logs in to the hosts. The user is root or may use sudo without a password.',
  hosts: `The machines. roles: database (PostgreSQL, PgBouncer), dcs (etcd, on 1, 3 or 5 hosts), proxy (HAProxy).
Left out: database and proxy on every host, dcs on the first three. The first database host becomes the primary.`,
  postgres: `PostgreSQL itself. parameters win over what pgscale computes from the size of each host:
  parameters: { work_mem: 64MB, log_min_duration_statement: 500ms }`,
  replication: `synchronous: how many standbys confirm a commit before the client hears of it; the others are asynchronous.
strict: true stops writes when no synchronous standby is left, rather than going on without one.`,
  failover:
    'How fast a failure is noticed: fast (one site), normal (more patience with short outages), wan (far apart).',
  pooler: 'PgBouncer on every database host. clients and backends are per host.',
  endpoints: `What applications connect to. A vip is a free address in the network of the hosts that moves with the endpoint;
without one, \`pgscale url\` prints URLs that name every host.
  primary: { vip: 10.20.0.10, host: primary.orders.example }`,
  databases: 'Made if they are not there; never removed.',
  roles: 'Login roles, made if they are not there. Passwords are in the secrets file.',
  partitions: 'Tables whose partitions pgscale makes ahead of time and retires; docs/guide/partitions.md.',
  backup: 'Where backups and WAL go. Access keys are in the secrets file.',
};

const NO_BACKUP = ` Where backups and WAL go; access keys are in the secrets file.
 backup:
   repository: { type: s3, bucket: orders-backups, endpoint: s3.eu-central-1.amazonaws.com, region: eu-central-1 }
   retention: { full: 14, unit: days }`;

/**
 * The text of a spec, with a comment above each part and a line that tells editors where its schema is.
 *
 * @param schema Path or URL of the JSON Schema.
 */
export function writtenSpec(draft: SpecDraft, schema: string): string {
  const document = new Document(withVisibleDefaults(draft));
  const { contents } = document;
  if (!isMap(contents)) throw new Error('a spec is a mapping');
  for (const [index, pair] of contents.items.entries()) comment(pair, index > 0);
  document.commentBefore = ` yaml-language-server: $schema=${schema}\n Every key: docs/reference/spec.md, or \`pgscale schema\`.`;
  if (draft.backup === undefined) document.comment = NO_BACKUP;
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

/** Shows the keys that people look for first, even where they have their default. */
function withVisibleDefaults(draft: SpecDraft): SpecDraft {
  const { cluster, ssh, hosts, postgres, replication, failover, pooler, endpoints, databases, roles, ...rest } = draft;
  return {
    cluster,
    ssh: { user: 'root', port: 22, ...ssh },
    hosts,
    postgres: { version: 18, port: 5432, parameters: {}, hba: [], ...postgres },
    replication: { ...replication, strict: replication?.strict ?? false },
    failover: { profile: 'fast', ...failover },
    pooler: { mode: 'transaction', clients: 10_000, backends: 200, ...pooler },
    endpoints: endpoints ?? {},
    databases: databases ?? [],
    roles: roles ?? [],
    ...rest,
  };
}

function comment(pair: Pair, spaceBefore: boolean): void {
  const { key, value } = pair;
  if (!isScalar(key)) return;
  const text = COMMENTS[String(key.value)];
  if (text !== undefined) key.commentBefore = text.replaceAll(/^/gmu, ' ');
  key.spaceBefore = spaceBefore;
  if (isSeq(value)) for (const item of value.items) flow(item as Node);
  else if (isMap(value)) for (const item of value.items) flow(item.value as Node);
}

/** One line for each entry: a host, a role, an endpoint. */
function flow(node: Node): void {
  if (isMap(node) || isSeq(node)) node.flow = true;
}
