import { z } from 'zod';

import type { Target } from '../../archive/target.ts';
import { IN_PLACE } from '../../spec/restore-places.ts';

/** restore.json. */
export const sideSchema = z.object({
  name: z.string(),
  host: z.string(),
  port: z.number(),
  /** What it was asked for, as `time 2026-11-24 07:30:00+00`. */
  target: z.string(),
  backup: z.string(),
  timeline: z.number(),
  createdAt: z.string(),
});

/** A side restore: a PostgreSQL server of its own beside the cluster, on one host. */
export type Side = Readonly<z.output<typeof sideSchema>>;

/** Whether a restore that was begun is the one that is asked for; without a timeline it may be along any. Pure. */
export function isAsked(
  begun: Pick<Side, 'target' | 'timeline'>,
  { target, timeline = begun.timeline }: { target: string; timeline?: number | undefined },
): boolean {
  return begun.target === target && begun.timeline === timeline;
}

/** The name of the copy from which a new cluster begins, while `restore --into new` is under way. */
export const INTO_NEW = 'into-new';

/** Whether the copy of this name becomes a cluster's data, rather than to be looked at. */
export function takesPlace(name: string): boolean {
  return name === IN_PLACE || name === INTO_NEW;
}

/**
 * Whether a copy goes on following the archive until it is promoted: one that is the latest and takes the place of a cluster that
 * runs meanwhile, and whose last commits are to come along. Pure.
 */
export function follows(name: string, { kind }: Target): boolean {
  return name === IN_PLACE && kind === 'latest';
}

export function sideUnit(name: string): string {
  return `pgscale-restore-${name}.service`;
}

export function sideJob(name: string): string {
  return `restore-files-${name}`;
}
