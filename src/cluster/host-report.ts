import { X509Certificate } from 'node:crypto';

import { readEtcd, type EtcdStatus, type EtcdView } from '../components/etcd/client.ts';
import { readProxyStatus, type ProxyStatus } from '../components/haproxy/client.ts';
import { readPoolers, type PoolerReport } from '../components/pgbouncer/client.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { cmd } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { lastLine } from '../host/text.ts';
import { CDC, KEEPALIVED, PARTITIONS, PATRONI, PGBACKREST, PKI } from '../spec/layout.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import { dataDirectory, endpoint, needsBackupServer } from '../spec/topology.ts';
import { MEMBER, type MemberRow } from '../sql/member.ts';
import { both, readRows } from '../sql/psql.ts';
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

const SERVER = both(MEMBER, LOGICAL_SLOTS);

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
 * @param isAsked whether this host is the one that tells what is the same from all: the DCS's members, the repository of backups
 * @throws PgscaleError PGS_HOST_UNREACHABLE when the connection is lost
 */
export async function readHostReport(
  reader: Reader,
  spec: Spec,
  host: HostSpec,
  isAsked: boolean,
): Promise<HostReport> {
  const isDatabase = host.roles.includes('database');
  const isDcs = host.roles.includes('dcs');
  const port = endpoint(spec, 'pool').port;
  const backupUnits = needsBackupServer(spec) ? [PGBACKREST.unit] : [];
  const [patroni, server, etcd, poolers, proxy, units, addresses, certificate, dataFree, partitions, archive, applied] =
    await Promise.all([
      partOf(isDatabase, () => readPatroniView(reader, spec, host, isAsked)),
      partOf(isDatabase, () => readRows(reader, { port: spec.postgres.port, name: 'postgres' }, SERVER)),
      isDcs ? readEtcd(reader, spec, host).catch(silentEtcd) : undefined,
      partOf(isDatabase, () => readPoolers(reader, port)),
      partOf(true, () => readProxyStatus(reader)),
      readUnits(reader, [PATRONI.unit, KEEPALIVED.unit, PARTITIONS.timer, CDC.unit, ...backupUnits]),
      readAddresses(reader),
      reader.readFile(PKI.certificate),
      partOf(isDatabase, () => readFreeBytes(reader, dataDirectory(spec))),
      partOf(isDatabase, () => readPartitionReport(reader, spec)),
      partOf(isDatabase, () => readArchiveReport(reader, spec, isAsked)),
      partOf(true, () => readApplied(reader)),
    ]);
  return {
    host: host.name,
    unreachable: undefined,
    patroni,
    member: server?.[0]?.first[0],
    etcd: etcd?.status,
    etcdProblem: etcd?.problem,
    poolers: poolers ?? [],
    proxy,
    units,
    addresses,
    certificateExpiresAt: certificate === undefined ? undefined : expiryOf(certificate.content),
    dataFreeBytes: dataFree,
    partitions,
    archive,
    applied,
    slots: server?.[0]?.second,
  };
}

const silentEtcd = (error: unknown): EtcdView => ({ status: undefined, problem: messageOf(error) });

/** What may still be written below a directory; undefined when it is not there. */
async function readFreeBytes(reader: Reader, path: string): Promise<number | undefined> {
  const answer = await reader.read(cmd('df', '--block-size=1', '--output=avail', path));
  const free = Number(lastLine(answer.stdout));
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
