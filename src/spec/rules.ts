import { distinctStreams, knownStreamDatabases, wholeTables } from './rules/cdc.ts';
import { distinctHosts, enoughStandbys, neededRoles, oddDcs } from './rules/hosts.ts';
import { archivable, distinctTables, fittingNames, fittingSteps, knownDatabases } from './rules/partitions.ts';
import { distinctPorts, distinctVips } from './rules/ports.ts';
import { ownedParameters, poolersGetIn, safeHba } from './rules/postgres.ts';
import { distinctNames, knownRoles, noMembershipCycle } from './rules/roles.ts';
import type { Finding, Rule } from './rules/rule.ts';
import type { Spec } from './schema.ts';

const RULES: readonly Rule[] = [
  distinctHosts,
  distinctVips,
  distinctPorts,
  distinctNames,
  noMembershipCycle,
  ownedParameters,
  safeHba,
  poolersGetIn,
  distinctTables,
  fittingNames,
  archivable,
  fittingSteps,
  distinctStreams,
  wholeTables,
];

/** Rules that count entries or look them up, by the list of which none may be left out for that to make sense. */
const COUNTING_RULES: readonly (readonly [string, Rule])[] = [
  ['hosts', oddDcs],
  ['hosts', neededRoles],
  ['hosts', enoughStandbys],
  ['roles', knownRoles],
  ['databases', knownDatabases],
  ['databases', knownStreamDatabases],
];

/**
 * Everything that contradicts itself in a spec.
 *
 * @param shortened Lists that lost entries because those were wrong in themselves; see `repair`.
 */
export function checkRules(spec: Spec, shortened: ReadonlySet<string> = new Set()): Finding[] {
  const counting = COUNTING_RULES.filter(([list]) => !shortened.has(list)).map(([, rule]) => rule);
  return [...RULES, ...counting].flatMap((rule) => rule(spec));
}
