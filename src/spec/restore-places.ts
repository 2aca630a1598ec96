import type { Spec } from './schema.ts';
import { dataDirectory } from './topology.ts';

/** The name of the copy that takes the cluster's place, while `restore --in-place` is under way. */
export const IN_PLACE = 'in-place';

/** All side restores of a host, on the disk that has the cluster's data. */
export function sidesDirectory(spec: Spec): string {
  return `${dataDirectory(spec)}.restore`;
}

/** Where one side restore is: `data`, its settings, and what it is in `restore.json`. */
export function sideDirectory(spec: Spec, name: string): string {
  return `${sidesDirectory(spec)}/${name}`;
}

/** What a side restore is, as JSON. */
export function sideFile(spec: Spec, name: string): string {
  return `${sideDirectory(spec, name)}/restore.json`;
}
