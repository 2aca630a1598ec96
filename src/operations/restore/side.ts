import type { Spec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';

/** A side restore: a PostgreSQL server of its own beside the cluster, on one host. */
export interface Side {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** What it was asked for, as `time 2026-11-24 07:30:00+00`. */
  readonly target: string;
  readonly backup: string;
  readonly timeline: number;
  readonly createdAt: string;
}

/** All side restores of a host, on the disk that has the cluster's data. */
export function sidesDirectory(spec: Spec): string {
  return `${dataDirectory(spec)}.restore`;
}

/** Where one side restore is: `data`, its settings, and what it is in `restore.json`. */
export function sideDirectory(spec: Spec, name: string): string {
  return `${sidesDirectory(spec)}/${name}`;
}

export function sideUnit(name: string): string {
  return `pgscale-restore-${name}.service`;
}

export function sideJob(name: string): string {
  return `restore-files-${name}`;
}
