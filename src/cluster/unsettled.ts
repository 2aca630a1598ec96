import type { Reader } from '../host/host.ts';
import type { Spec } from '../spec/schema.ts';
import { hostsWithRole } from '../spec/topology.ts';
import { readRows } from '../sql/psql.ts';
import { STANDBY_COUNT, type StandbyCount } from '../sql/standby-count.ts';

/**
 * Asks the primary what is still missing of its standbys: every one of them streams, and as many confirm commits as the
 * spec wants. Undefined when nothing is missing. Changes nothing.
 */
export async function readUnsettled(primary: Reader, spec: Spec): Promise<string | undefined> {
  const rows = await readRows(primary, { port: spec.postgres.port, name: 'postgres' }, STANDBY_COUNT);
  return unsettled(spec, rows?.[0]);
}

/** `1 of 2 standbys stream, 0 of 1 synchronous`; undefined when all do; pure. */
export function unsettled(spec: Spec, count: StandbyCount | undefined): string | undefined {
  if (count === undefined) return 'the primary does not answer';
  const standbys = hostsWithRole(spec, 'database').length - 1;
  const { synchronous } = spec.replication;
  if (count.streaming >= standbys && count.synchronous >= synchronous) return undefined;
  return `${count.streaming} of ${standbys} standbys stream, ${count.synchronous} of ${synchronous} synchronous`;
}
