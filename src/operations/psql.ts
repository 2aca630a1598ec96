import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { cmd } from '../host/command.ts';
import { expandHome } from '../spec/home.ts';
import type { Cluster } from '../spec/cluster.ts';
import { POSTGRES } from '../spec/layout.ts';
import type { Spec } from '../spec/schema.ts';
import { endpoint, hostsWithRole, type EndpointName } from '../spec/topology.ts';
import { READ_ONLY } from '../spec/urls.ts';
import { loginOf, type UrlChoice } from './url.ts';

/** Where a session goes: to an endpoint like a client, or to a member as its superuser, over SSH. */
export interface PsqlTarget extends UrlChoice {
  readonly endpoint: EndpointName;
  readonly member?: string | undefined;
  /** SQL to run in place of an interactive session. */
  readonly command?: string | undefined;
}

/**
 * Runs psql with this process's terminal until it ends, and gives its exit status.
 * @throws PgscaleError PGS_PSQL_MISSING, PGS_DATABASE_UNKNOWN, PGS_MEMBER_UNKNOWN
 */
export async function runPsql(cluster: Cluster, target: PsqlTarget): Promise<number> {
  if (target.member !== undefined) return start('ssh', sshArguments(cluster.spec, target, target.member), {});
  const directory = await mkdtemp(join(tmpdir(), 'pgscale-psql-'));
  try {
    const caFile = join(directory, 'ca.crt');
    await writeFile(caFile, cluster.secrets.ca.certificate);
    return await start('psql', psqlArguments(target), psqlEnvironment(cluster, target, caFile));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The password goes through the environment: the arguments of a process can be read by everybody. Pure. */
export function psqlEnvironment(cluster: Cluster, target: PsqlTarget, caFile: string): Record<string, string> {
  const { hosts, port } = endpoint(cluster.spec, target.endpoint);
  const { database, role, password } = loginOf(cluster, target);
  return {
    PGHOST: hosts.join(','),
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: role,
    PGPASSWORD: password,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: caFile,
    PGCONNECT_TIMEOUT: '10',
    PGAPPNAME: 'pgscale psql',
    ...(target.endpoint === 'replica' && { PGTARGETSESSIONATTRS: 'read-only', PGOPTIONS: READ_ONLY }),
  };
}

function psqlArguments({ command }: PsqlTarget): string[] {
  return command === undefined ? [] : ['-v', 'ON_ERROR_STOP=1', '-c', command];
}

/** The command line of the system's ssh, which knows the user's own configuration and agent. Pure. */
export function sshArguments(spec: Spec, target: PsqlTarget, member: string): string[] {
  const host = hostsWithRole(spec, 'database').find(({ name }) => name === member);
  if (host === undefined) {
    throw new PgscaleError('PGS_MEMBER_UNKNOWN', {
      what: `the spec has no member ${member}`,
      why: `it has ${hostsWithRole(spec, 'database')
        .map(({ name }) => name)
        .join(', ')}`,
    });
  }
  const { user, port, identityFile, knownHosts, proxyJump } = spec.ssh;
  const database = target.database ?? spec.databases[0]?.name ?? 'postgres';
  const psql = ['psql', '-h', POSTGRES.socketDirectory, '-p', String(spec.postgres.port), '-d', database];
  const asPostgres = ['runuser', '-u', POSTGRES.user, '--', ...psql, ...psqlArguments(target)];
  const remote = user === 'root' ? asPostgres : ['sudo', '-n', '--', ...asPostgres];
  const [program = '', ...rest] = remote;
  return [
    target.command === undefined ? '-t' : '-T',
    ...['-p', String(port), '-l', user],
    ...['-o', `UserKnownHostsFile=${expandHome(knownHosts)}`, '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', 'PasswordAuthentication=no', '-o', 'KbdInteractiveAuthentication=no', '-o', 'ConnectTimeout=10'],
    ...(identityFile === undefined ? [] : ['-i', expandHome(identityFile)]),
    ...(proxyJump === undefined ? [] : ['-J', proxyJump]),
    host.sshAddress,
    cmd(program, ...rest).script,
  ];
}

async function start(program: string, args: string[], env: Record<string, string>): Promise<number> {
  const result = await execa(program, args, { env, stdio: 'inherit', reject: false });
  if (result.code === 'ENOENT') {
    throw new PgscaleError('PGS_PSQL_MISSING', { what: `${program} is not installed on this machine` });
  }
  return result.exitCode ?? 1;
}
