import type { DrillOutcome, DrillPassed } from '../archive/drill-outcome.ts';
import type { PoolerStatus } from '../components/pgbouncer/client.ts';
import type { EndpointName } from '../spec/topology.ts';
import type { Outages } from './outage.ts';
import type { Replication } from '../sql/replication.ts';

/** What is wrong with a cluster. `degraded`: it is not what the spec promises; `notice`: worth knowing. */
export interface Problem {
  /** Stable, for scripts: `standby-missing`. */
  readonly id: string;
  readonly severity: 'degraded' | 'notice';
  readonly host?: string;
  /** The systemd unit that does not run. */
  readonly unit?: string;
  readonly text: string;
}

/** One PostgreSQL member. What is not known is null. */
export interface MemberPicture {
  readonly name: string;
  readonly zone: string;
  readonly isReachable: boolean;
  readonly role: 'primary' | 'standby' | null;
  /** Patroni's word: `running`, `streaming`, `starting`, `stopped`… */
  readonly state: string | null;
  /** pg_stat_replication's word: `sync`, `quorum`, `potential`, `async`; null on the primary. */
  readonly sync: string | null;
  readonly timeline: number | null;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
  readonly connections: number | null;
  readonly connectionsMax: number | null;
  readonly pendingRestart: readonly string[];
  readonly version: string | null;
}

export interface EtcdPicture {
  readonly host: string;
  readonly isHealthy: boolean;
  readonly isLeader: boolean;
  readonly version: string | null;
  readonly databaseBytes: number | null;
  readonly problem: string | null;
}

export interface PoolerPicture extends Partial<PoolerStatus> {
  readonly host: string;
  readonly process: number;
  readonly isUp: boolean;
}

export interface ProxyPicture {
  readonly host: string;
  readonly isUp: boolean;
  /** Whether it serves the endpoints, or only the poolers of its own host. */
  readonly isEndpoint: boolean;
  readonly primary: readonly string[];
  readonly replicas: readonly string[];
  /** Members that it gives no reads, whatever their health. */
  readonly drained: readonly string[];
  readonly sessions: number | null;
}

export interface EndpointPicture {
  readonly name: EndpointName;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly vip: string | null;
  /** Who has the VIP now. */
  readonly vipHolders: readonly string[];
  readonly isServing: boolean;
  /** The members that stand behind it. */
  readonly members: readonly string[];
}

/** What a commit that was acknowledged now survives. */
export interface Durability {
  readonly guarantee: 'synchronous' | 'reduced' | 'asynchronous' | 'blocked' | 'none';
  readonly text: string;
  readonly synchronousStandbys: readonly string[];
  /** How many of them a commit waits for. */
  readonly confirmations: number;
  readonly wanted: number;
}

export interface CertificatePicture {
  readonly host: string;
  readonly expiresAt: string;
  readonly daysLeft: number;
}

/** Backups and the archive of WAL. */
export interface ArchivePicture {
  /** Why the repository cannot be read; null when it can. */
  readonly repositoryProblem: string | null;
  readonly lastBackup: { readonly label: string; readonly type: string; readonly endedAt: string } | null;
  readonly backupCount: number;
  readonly lastArchivedAt: string | null;
  /** The primary's last attempt failed. */
  readonly isFailing: boolean;
  /** Segments of WAL that are finished and not in the repository, and how long the oldest of them has been waiting. */
  readonly waiting: number;
  readonly waitingSeconds: number | null;
  readonly walBytes: number | null;
  readonly freeBytes: number | null;
  /** What pg_wal can grow to while the repository is away, computed from the room on its disk. */
  readonly walLimitBytes: number | null;
  /** At the rate at which segments have piled up; null when none wait. */
  readonly secondsUntilLimit: number | null;
  /** Restore drills, wherever they were made; null when there was none. */
  readonly drill: DrillPicture | null;
}

/** What the restore drills of all members say. */
export interface DrillPicture {
  /** The newest one. */
  readonly last: { readonly host: string } & Pick<DrillOutcome, 'at' | 'result' | 'problems'>;
  /** The newest one that passed. */
  readonly good: ({ readonly host: string } & DrillPassed) | null;
}

/** What differs from the end of the last `apply`, on the hosts that answer. `plan` compares everything. */
export interface Drift {
  /** Hosts to which the spec, as it is now, has not been applied to the end. */
  readonly hostsBehind: readonly string[];
  /** Files that somebody else has changed or removed since. */
  readonly changedFiles: readonly { readonly host: string; readonly path: string }[];
}

/** One logical slot of the primary. What is not known is null. */
export interface SlotPicture {
  readonly name: string;
  readonly plugin: string;
  readonly database: string;
  /** Whether it belongs to a stream under `cdc` in the spec. */
  readonly isOfSpec: boolean;
  /** A consumer is connected. */
  readonly isActive: boolean;
  readonly isFailover: boolean;
  readonly confirmedLsn: string | null;
  readonly behindBytes: number | null;
  /** With a consumer: what it has still to confirm. Without: since when it is away. */
  readonly behindSeconds: number | null;
  /** WAL that is kept for it, and the most that is. */
  readonly retainedBytes: number | null;
  readonly limitBytes: number | null;
  readonly retainedShare: number | null;
  readonly walStatus: string | null;
  readonly invalidationReason: string | null;
  /** The standbys that have a copy with which the consumer could go on. */
  readonly syncedOn: readonly string[];
  readonly standbys: readonly string[];
}

/** The whole cluster at one moment: what `pgscale status --json` prints. */
export interface ClusterPicture {
  readonly cluster: string;
  readonly at: string;
  readonly isDegraded: boolean;
  readonly problems: readonly Problem[];
  readonly leader: string | null;
  readonly timeline: number | null;
  readonly isPaused: boolean;
  readonly durability: Durability;
  /** What a failure of the primary costs by the spec; null where no standby could take over. */
  readonly outages: Outages | null;
  readonly members: readonly MemberPicture[];
  readonly replication: readonly Replication[];
  readonly etcd: readonly EtcdPicture[];
  readonly poolers: readonly PoolerPicture[];
  readonly proxies: readonly ProxyPicture[];
  readonly endpoints: readonly EndpointPicture[];
  readonly certificates: readonly CertificatePicture[];
  readonly drift: Drift;
  /** null when the spec has no `backup`. */
  readonly archive: ArchivePicture | null;
  /** The logical slots of the primary. */
  readonly slots: readonly SlotPicture[];
}
