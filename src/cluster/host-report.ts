import { X509Certificate } from 'node:crypto';

import { etcdProblem, etcdStatus, type EtcdStatus } from '../components/etcd/client.ts';
import { readProxyStatus, type ProxyStatus } from '../components/haproxy/client.ts';
import { readPoolers, type PoolerReport } from '../components/pgbouncer/client.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { cmd } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { CDC, KEEPALIVED, PARTITIONS, PATRONI, PGBACKREST, PKI } from '../spec/layout.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import { dataDirectory, endpoint, needsBackupServer } from '../spec/topology.ts';
import { MEMBER, type MemberRow } from '../sql/member.ts';
import { readRows } from '../sql/psql.ts';
import { LOGICAL_SLOTS, type LogicalSlot } from '../sql/slot.ts';
import { readArchiveReport, type ArchiveReport } from './archive-report.ts';
import { readAddresses } from './addresses.ts';
import { readApplied, type AppliedReport } from './applied.ts';
import { type PartitionReport, readPartitionReport } from './partitions.ts';
import { readPatroniView, type PatroniView } from './patroni-view.ts';
import { readUnits, type UnitStates } from './units.ts';
import { messageOf } from '../errors/message.ts';

/** What one host says of itself. What it has no role for, or what does not answer, is undefined. */
export interface HostReport {
  readonly host: string;
  /** Why the host could not be asked; all else is empty then. */
  readonly unreachable: string | undefined;
  readonly patroni: PatroniView | undefined;
  readonly member: MemberRow | undefined;
  readonly etcd: EtcdStatus | undefined;
  readonly etcdProblem: string | undefined;
  readonly poolers: readonly PoolerReport[];
  readonly proxy: ProxyStatus | undefined;
  readonly units: UnitStates;
  readonly addresses: readonly string[];
  readonly certificateExpiresAt: Date | undefined;
  /** Free on the file system of the data directory; undefined where there is none. */
  readonly dataFreeBytes: number | undefined;
  readonly partitions: PartitionReport | undefined;
  readonly applied: AppliedReport | undefined;
  readonly slots?: readonly LogicalSlot[] | undefined;
  /** On database hosts, when the spec has `backup`. */
  readonly archive?: ArchiveReport | undefined;
}

/** A host that does not answer. */
export function unreachableReport(host: string, why: string): HostReport {
  return {
    host,
    unreachable: why,
    patroni: undefined,
    member: undefined,
    etcd: undefined,
    etcdProblem: undefined,
    poolers: [],
    proxy: undefined,
    units: new Map(),
    addresses: [],
    certificateExpiresAt: undefined,
    dataFreeBytes: undefined,
    partitions: undefined,
    applied: undefined,
  };
}

/**
 * Asks a host for all that the status shows of it, in one round trip. Changes nothing, and does not throw for a part that
 * does not answer.
 *
 * @param isRepositoryAsked whether this host asks the repository of backups too
 * @throws PgscaleError PGS_HOST_UNREACHABLE when the connection is lost
 */
export async function readHostReport(
  reader: Reader,
  spec: Spec,
  host: HostSpec,
  isRepositoryAsked: boolean,
): Promise<HostReport> {
  const isDatabase = host.roles.includes('database');
  const isDcs = host.roles.includes('dcs');
  const port = endpoint(spec, 'pool').port;
  const backupUnits = needsBackupServer(spec) ? [PGBACKREST.unit] : [];
  const [
    patroni,
    member,
    etcd,
    problem,
    poolers,
    proxy,
    units,
    addresses,
    certificate,
    dataFree,
    partitions,
    archive,
    applied,
    slots,
  ] = await Promise.all([
    partOf(isDatabase, () => readPatroniView(reader, spec, host)),
    partOf(isDatabase, () => readRows(reader, { port: spec.postgres.port, name: 'postgres' }, MEMBER)),
    partOf(isDcs, () => etcdStatus(reader, spec, host)),
    isDcs ? etcdProblem(reader, spec, host).catch(messageOf) : undefined,
    partOf(isDatabase, () => readPoolers(reader, port)),
    partOf(true, () => readProxyStatus(reader)),
    readUnits(reader, [PATRONI.unit, KEEPALIVED.unit, PARTITIONS.timer, CDC.unit, ...backupUnits]),
    readAddresses(reader),
    reader.readFile(PKI.certificate),
    partOf(isDatabase, () => readFreeBytes(reader, dataDirectory(spec))),
    partOf(isDatabase, () => readPartitionReport(reader, spec)),
    partOf(isDatabase, () => readArchiveReport(reader, spec, isRepositoryAsked)),
    partOf(true, () => readApplied(reader)),
    partOf(isDatabase, () => readRows(reader, { port: spec.postgres.port, name: 'postgres' }, LOGICAL_SLOTS)),
  ]);
  return {
    host: host.name,
    unreachable: undefined,
    patroni,
    member: member?.[0],
    etcd,
    etcdProblem: problem,
    poolers: poolers ?? [],
    proxy,
    units,
    addresses,
    certificateExpiresAt: certificate === undefined ? undefined : expiryOf(certificate.content),
    dataFreeBytes: dataFree,
    partitions,
    archive,
    applied,
    slots,
  };
}

/** What may still be written below a directory; undefined when it is not there. */
async function readFreeBytes(reader: Reader, path: string): Promise<number | undefined> {
  const answer = await reader.read(cmd('df', '--block-size=1', '--output=avail', path));
  const free = Number(answer.stdout.split('\n').at(-1));
  return answer.exitCode === 0 && Number.isFinite(free) ? free : undefined;
}

/** The end of a certificate's life; undefined when the text is none. */
export function expiryOf(pem: string): Date | undefined {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** A part that hangs or answers nonsense is a part that does not answer; a lost connection is not. */
async function partOf<T>(isThere: boolean, read: () => Promise<T>): Promise<T | undefined> {
  if (!isThere) return undefined;
  return read().catch((error: unknown) => {
    if (error instanceof PgscaleError && error.code === 'PGS_HOST_UNREACHABLE') throw error;
    return undefined;
  });
}
