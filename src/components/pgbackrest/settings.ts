import { PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import type { ArchiveSettings } from '../../agent/archive/settings.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import type { Secrets } from '../../spec/secrets.ts';
import { etcdAccess } from '../../spec/services.ts';
import { dataDirectory, hostsWithRole, needsBackupServer } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import type { Repository } from './spec.ts';

/** A list is the same option several times. */
type Value = string | number | boolean | readonly string[] | undefined;
type Options = Readonly<Record<string, Value>>;

/** One section of pgbackrest.conf. */
export interface ConfigurationSection {
  readonly title: string;
  readonly lines: readonly string[];
}

const PROCESSES_MAX = 8;
const PUSH_PROCESSES = 2;

/**
 * pgbackrest.conf of a host, a pure function of spec, secrets and cores. Secrets are in this file and nowhere else: an
 * option on the command line could be read by everybody. https://pgbackrest.org/configuration.html
 *
 * `archive-push-queue-max` is left out on purpose: when it is reached, pgBackRest drops WAL and says that all is well.
 */
export function configurationSections(target: Target): ConfigurationSection[] {
  const { spec, facts } = target;
  const processes = Math.min(PROCESSES_MAX, Math.max(1, facts.cpuCount));
  return [
    section('global', { ...repositoryOptions(target), ...common(processes), ...server(target) }),
    section('global:archive-push', { 'process-max': Math.min(PUSH_PROCESSES, processes) }),
    section(spec.cluster, members(target)),
  ].filter(({ lines }) => lines.length > 0);
}

/**
 * What leads into the archive of the cluster of a spec from a host of another one, to read there. Pure.
 * @param workDirectory Where what is fetched ahead may lie
 */
export function sourceSections(
  { spec, secrets }: Pick<Target, 'spec' | 'secrets'>,
  cpuCount: number,
  workDirectory: string,
): ConfigurationSection[] {
  const options = {
    ...repositoryOptions({ spec, secrets }, PGBACKREST.source),
    ...common(Math.min(PROCESSES_MAX, Math.max(1, cpuCount))),
    'spool-path': workDirectory,
    'lock-path': workDirectory,
  };
  return [section('global', options)];
}

/** What the agent is told about the archive. Pure. */
export function archiveSettings({ spec, host }: Target): ArchiveSettings {
  return {
    stanza: spec.cluster,
    configFile: PGBACKREST.configFile,
    dataDirectory: dataDirectory(spec),
    member: host.name,
    etcd: etcdAccess(spec, host),
  };
}

function section(title: string, options: Options): ConfigurationSection {
  const lines = Object.entries(options).flatMap(([name, value]) => words(value).map((word) => `${name}=${word}`));
  return { title, lines };
}

function words(value: Value): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'boolean') return [value ? 'y' : 'n'];
  return typeof value === 'object' ? value : [String(value)];
}

/**
 * Small files travel together and of large ones only the blocks that changed, which is what makes frequent incremental
 * backups cheap. A backup comes from a standby, or from the primary when there is none.
 */
function common(processes: number): Options {
  return {
    'repo1-bundle': true,
    'repo1-block': true,
    'compress-type': 'zst',
    'compress-level': 3,
    'process-max': processes,
    'backup-standby': 'prefer',
    'start-fast': true,
    'archive-async': true,
    'archive-timeout': 60,
    'io-timeout': 30,
    'spool-path': PGBACKREST.spoolDirectory,
    'lock-path': PGBACKREST.lockDirectory,
  };
}

/** Files beside pgbackrest.conf that it names. */
type RepositoryFiles =
  Pick<typeof PGBACKREST.source, 'caFile' | 'keyFile'> | Pick<typeof PGBACKREST, 'caFile' | 'keyFile'>;

function repositoryOptions(
  { spec, secrets }: Pick<Target, 'spec' | 'secrets'>,
  files: RepositoryFiles = PGBACKREST,
): Options {
  const { backup } = spec;
  if (backup === undefined) return {};
  return {
    ...location(backup.repository, secrets, { ...files, hasCa: spec.repositoryCa !== undefined }),
    'repo1-cipher-type': 'aes-256-cbc',
    'repo1-cipher-pass': secrets.backupCipher,
    'repo1-retention-full-type': backup.retention.unit === 'days' ? 'time' : 'count',
    'repo1-retention-full': backup.retention.full,
  };
}

type KnownFiles = RepositoryFiles & { readonly hasCa: boolean };

function location(repository: Repository, secrets: Secrets, files: KnownFiles): Options {
  const { accessKey, secretKey, key } = secrets.repository;
  const base = { 'repo1-type': repository.type, 'repo1-path': repository.path };
  switch (repository.type) {
    case 'posix':
      return base;
    case 's3':
      return {
        ...base,
        'repo1-s3-bucket': repository.bucket,
        'repo1-s3-endpoint': repository.endpoint,
        'repo1-s3-region': repository.region,
        'repo1-s3-uri-style': repository.uriStyle,
        'repo1-s3-key': accessKey,
        'repo1-s3-key-secret': secretKey,
        'repo1-storage-port': repository.port,
        ...storageTls(repository.verifyTls, files),
      };
    case 'azure':
      return {
        ...base,
        'repo1-azure-account': repository.account,
        'repo1-azure-container': repository.container,
        'repo1-azure-key': key,
        ...storageTls(repository.verifyTls, files),
      };
    case 'gcs':
      return { ...base, 'repo1-gcs-bucket': repository.bucket, 'repo1-gcs-key': files.keyFile };
    case 'sftp':
      return {
        ...base,
        'repo1-sftp-host': repository.host,
        'repo1-sftp-host-port': repository.port,
        'repo1-sftp-host-user': repository.user,
        'repo1-sftp-host-key-hash-type': 'sha256',
        'repo1-sftp-host-key-check-type': repository.hostFingerprint === undefined ? 'accept-new' : 'fingerprint',
        'repo1-sftp-host-fingerprint': repository.hostFingerprint,
        'repo1-sftp-private-key-file': files.keyFile,
      };
  }
}

function storageTls(isVerified: boolean, { caFile, hasCa }: KnownFiles): Options {
  return {
    'repo1-storage-ca-file': hasCa ? caFile : undefined,
    'repo1-storage-verify-tls': isVerified ? undefined : false,
  };
}

/** What stands in the key file: the SFTP private key, or the service account of Google. */
export function repositoryKey({ backup }: Spec, { repository }: Secrets): string | undefined {
  const type = backup?.repository.type;
  if ((type !== 'sftp' && type !== 'gcs') || repository.key === undefined) return undefined;
  return `${repository.key.trimEnd()}\n`;
}

/** The hosts of the cluster, known by their certificates, may use the server for this cluster and nothing else. */
function server({ spec, host }: Target): Options {
  if (!needsBackupServer(spec)) return {};
  return {
    'tls-server-address': host.address,
    'tls-server-port': spec.backup?.port,
    'tls-server-ca-file': PKI.ca,
    'tls-server-cert-file': PKI.certificate,
    'tls-server-key-file': PKI.key,
    'tls-server-auth': otherMembers(spec, host).map(({ name }) => `${name}=${spec.cluster}`),
  };
}

/** This host first, because archive-push and restore are for the first one. */
function members({ spec, host }: Target): Options {
  const others = otherMembers(spec, host).map((each, index) => remoteMember(spec, each, index + 2));
  return Object.assign({}, place(spec, 1), ...others) as Options;
}

function place(spec: Spec, index: number): Options {
  return {
    [`pg${index}-path`]: dataDirectory(spec),
    [`pg${index}-port`]: spec.postgres.port,
    [`pg${index}-socket-path`]: POSTGRES.socketDirectory,
  };
}

function remoteMember(spec: Spec, { address }: HostSpec, index: number): Options {
  return {
    ...place(spec, index),
    [`pg${index}-host`]: address,
    [`pg${index}-host-type`]: 'tls',
    [`pg${index}-host-port`]: spec.backup?.port,
    [`pg${index}-host-config`]: PGBACKREST.configFile,
    [`pg${index}-host-ca-file`]: PKI.ca,
    [`pg${index}-host-cert-file`]: PKI.certificate,
    [`pg${index}-host-key-file`]: PKI.key,
  };
}

function otherMembers(spec: Spec, host: HostSpec): HostSpec[] {
  return hostsWithRole(spec, 'database').filter(({ name }) => name !== host.name);
}
