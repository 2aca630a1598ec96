import { z } from 'zod';

import { cdcSpec } from '../components/cdc/spec.ts';
import { dcsSpec } from '../components/etcd/spec.ts';
import { endpointsSpec } from '../components/haproxy/spec.ts';
import { osSpec } from '../components/os/spec.ts';
import { failoverSpec } from '../components/patroni/spec.ts';
import { backupSpec } from '../components/pgbackrest/spec.ts';
import { partitionSpec } from '../components/partitions/spec.ts';
import { poolerSpec } from '../components/pgbouncer/spec.ts';
import { databaseSpec, postgresSpec, replicationSpec, roleSpec } from '../components/postgres/spec.ts';
import { addressSchema, hostNameSchema, nameSchema, portSchema } from './values.ts';

export const HOST_ROLES = ['database', 'dcs', 'proxy'] as const;
export type HostRole = (typeof HOST_ROLES)[number];

const sshSpec = z.strictObject({
  user: z.string().min(1).default('root').describe('root, or a user with sudo without a password'),
  port: portSchema.default(22),
  identityFile: z.string().optional().describe('default: the agent, then ~/.ssh/id_ed25519 and its kin'),
  knownHosts: z.string().default('~/.ssh/known_hosts').describe('where the host keys are that this machine trusts'),
  proxyJump: z.string().optional().describe('[user@]host[:port] of a jump host'),
});

const hostSpec = z.strictObject({
  name: nameSchema.describe('also the name of the member'),
  address: addressSchema.describe('where the cluster talks to this host'),
  sshAddress: hostNameSchema.optional().describe('where this machine reaches it, when that differs'),
  zone: nameSchema.optional().describe('hosts that may fail together share one'),
  roles: z
    .array(z.enum(HOST_ROLES))
    .min(1)
    .optional()
    .describe('default: database and proxy on every host, dcs on the first three (on one where there are fewer)'),
});

/** The shape of pgscale.yaml. Rules that span several keys are in `rules.ts`. */
export const specSchema = z.strictObject({
  cluster: nameSchema.describe('the name of the cluster; it cannot be changed later'),
  ssh: sshSpec.prefault({}).describe('how this machine logs in to the hosts'),
  hosts: z.array(hostSpec).min(1).describe('the machines; the first with the role database becomes the primary'),
  os: osSpec.prefault({}).describe('packages and system settings'),
  dcs: dcsSpec.prefault({}).describe('etcd, in which Patroni keeps who leads'),
  postgres: postgresSpec.prefault({}).describe('PostgreSQL itself'),
  replication: replicationSpec.prefault({}).describe('what standbys promise'),
  failover: failoverSpec.prefault({}).describe('how failures are noticed'),
  pooler: poolerSpec.prefault({}).describe('PgBouncer on every database host'),
  endpoints: endpointsSpec.describe('what applications connect to'),
  databases: z.array(databaseSpec).default([]).describe('made if they are not there, never removed'),
  roles: z.array(roleSpec).default([]).describe('login roles; passwords are in the secrets file'),
  backup: backupSpec.optional().describe('where backups and WAL go, and for how long'),
  partitions: z.array(partitionSpec).default([]).describe('tables whose partitions pgscale makes and retires'),
  cdc: z.array(cdcSpec).default([]).describe('streams of changes (change data capture), each with a slot of its own'),
});

/** pgscale.yaml as it was written, defaults filled in. */
export type SpecInput = z.output<typeof specSchema>;

/** One host, with its roles decided. */
export interface HostSpec {
  readonly name: string;
  readonly address: string;
  readonly sshAddress: string;
  readonly zone: string;
  readonly roles: readonly HostRole[];
}

/** The spec that everything else works with: as written, with defaults, and decided what depends on the hosts. */
export interface Spec extends Omit<SpecInput, 'hosts' | 'replication'> {
  readonly hosts: readonly HostSpec[];
  readonly replication: SpecInput['replication'] & { readonly synchronous: number };
  /** The CA of the backup repository, PEM: the content of the `caFile` that the spec names. */
  readonly repositoryCa?: string;
}
