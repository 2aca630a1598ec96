import type { Ancestor } from './timeline.ts';

/** A backup that is complete, as restore needs to know it. Times in ms since 1970, whole seconds. */
export interface Backup {
  readonly label: string;
  readonly type: 'full' | 'diff' | 'incr';
  readonly timeline: number;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number;
  /** The first WAL that it needs, and the position from which on it is consistent. */
  readonly startLsn: number;
  readonly stopLsn: number;
  /** Bytes of the database, of it copied this time, and what that took in the repository. */
  readonly databaseBytes: number;
  readonly copiedBytes: number;
  readonly storedBytes: number | null;
  readonly hasPageErrors: boolean;
  /** The version of pgBackRest that made it. */
  readonly madeBy: string;
}

/** A segment in the repository; `storedAtMs` is when it arrived. */
export interface ArchivedSegment {
  readonly timeline: number;
  readonly number: number;
  readonly storedAtMs: number;
}

/** All that decides what can be restored. */
export interface Catalogue {
  /** The oldest first. */
  readonly backups: readonly Backup[];
  readonly segments: readonly ArchivedSegment[];
  /** The ancestors of each timeline that has a history file. */
  readonly histories: ReadonlyMap<number, readonly Ancestor[]>;
}
