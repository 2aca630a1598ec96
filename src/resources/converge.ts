import type { Host, Reader } from '../host/host.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { UNWATCHED, type Change, type Progress, type Resource } from './resource.ts';

/** A resource together with what was found and what differs. */
export interface Finding {
  readonly resource: Resource;
  readonly actual: unknown;
  readonly change: Change | undefined;
  readonly foreign: string | undefined;
}

/** Reads every resource of one host at the same moment, so that the reads share one round trip. Changes nothing. */
export async function inspect(reader: Reader, resources: readonly Resource[]): Promise<Finding[]> {
  const actuals = await Promise.all(resources.map((each) => each.read(reader)));
  return resources.map((each, index) => {
    const actual = actuals[index];
    const change = each.diff(actual);
    return { resource: each, actual, change, foreign: change === undefined ? undefined : each.foreign?.(actual) };
  });
}

/** What a run of `converge` did. */
export interface Converged {
  readonly changed: readonly { id: string; change: Change }[];
}

/**
 * Applies what differs, in the order of the list, then reads the changed resources again: each of them must be as it
 * should. Units are not told of anything here: see notice.ts.
 *
 * @throws PgscaleError PGS_FOREIGN before anything is changed, PGS_NOT_CONVERGED when a change did not stick,
 * PGS_INTERRUPTED between two changes.
 */
export async function converge(
  host: Host,
  resources: readonly Resource[],
  progress: Progress = UNWATCHED,
): Promise<Converged> {
  const findings = await inspect(host, resources);
  refuseForeign(host.name, findings);
  const differing = findings.filter((finding) => finding.change !== undefined);
  for (const { resource, actual, change } of differing) {
    if (change === undefined) continue;
    if (progress.signal.aborted) throw interrupted(host.name, change);
    progress.report(change.summary);
    await resource.apply(host, actual, progress);
  }
  await verify(host, differing);
  return {
    changed: differing.flatMap(({ resource, change }) => (change === undefined ? [] : [{ id: resource.id, change }])),
  };
}

function refuseForeign(host: string, findings: readonly Finding[]): void {
  const reasons = findings.flatMap((finding) => finding.foreign ?? []);
  if (reasons.length === 0) return;
  throw new PgscaleError('PGS_FOREIGN', {
    what: `found something on ${host} that pgscale did not write`,
    host,
    why: reasons.join('\n'),
  });
}

function interrupted(host: string, { summary }: Change): PgscaleError {
  return new PgscaleError('PGS_INTERRUPTED', { what: `interrupted on ${host} before: ${summary}`, host });
}

async function verify(host: Host, differing: readonly Finding[]): Promise<void> {
  const again = await inspect(
    host,
    differing.map(({ resource }) => resource),
  );
  const stuck = again.flatMap(({ change }) => (change === undefined ? [] : [change.summary]));
  if (stuck.length === 0) return;
  throw new PgscaleError('PGS_NOT_CONVERGED', {
    what: `a change on ${host.name} did not stick`,
    host: host.name,
    why: stuck.join('\n'),
  });
}
