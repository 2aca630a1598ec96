import { hostsWithRole } from '../spec/topology.ts';
import type { Spec } from '../spec/schema.ts';
import type { LogicalSlot } from '../sql/slot.ts';
import type { Problem, SlotPicture } from './picture.ts';

/** Of what a slot may keep: from here on somebody has to look after its consumer. */
const SHARE_MAX = 0.5;
/** So long a consumer may be away without being missed. */
const AWAY_SECONDS_MAX = 600;

/** The logical slots of each member that takes connections. */
export type SlotsByMember = ReadonlyMap<string, readonly LogicalSlot[]>;

/** The logical slots of the primary, with who has a copy. Pure. */
export function slotPictures(spec: Spec, primary: string | undefined, members: SlotsByMember): SlotPicture[] {
  const slots = primary === undefined ? undefined : members.get(primary);
  if (slots === undefined) return [];
  const standbys = hostsWithRole(spec, 'database')
    .filter(({ name }) => name !== primary)
    .map(({ name }) => ({ name, slots: members.get(name) ?? [] }));
  return slots.map((slot) => slotPicture(spec, slot, standbys));
}

function slotPicture(
  spec: Spec,
  slot: LogicalSlot,
  standbys: readonly { name: string; slots: readonly LogicalSlot[] }[],
): SlotPicture {
  const { retainedBytes, limitBytes, isActive, consumerLagSeconds, inactiveSeconds, behindBytes } = slot;
  const isCopy = (each: LogicalSlot): boolean => each.name === slot.name && each.isSynced && each.walStatus !== 'lost';
  return {
    name: slot.name,
    plugin: slot.plugin,
    database: slot.database,
    isOfSpec: spec.cdc.some(({ name }) => name === slot.name),
    isActive,
    isFailover: slot.isFailover,
    confirmedLsn: slot.confirmedLsn,
    behindBytes,
    behindSeconds: isActive ? (consumerLagSeconds ?? 0) : inactiveSeconds,
    retainedBytes,
    limitBytes,
    retainedShare: retainedBytes === null || limitBytes === null ? null : retainedBytes / limitBytes,
    walStatus: slot.walStatus,
    invalidationReason: slot.invalidationReason,
    syncedOn: standbys.filter(({ slots }) => slots.some(isCopy)).map(({ name }) => name),
    standbys: standbys.map(({ name }) => name),
  };
}

/** What is wrong with the slots and the streams of the spec. Pure. */
export function slotProblems(spec: Spec, slots: readonly SlotPicture[], isPrimaryKnown: boolean): Problem[] {
  if (!isPrimaryKnown) return [];
  const missing = spec.cdc.filter(({ name }) => !slots.some((slot) => slot.name === name));
  return [
    ...missing.map(({ name }) =>
      problem(
        'cdc-slot-missing',
        'degraded',
        `the stream ${name} has no slot; \`pgscale cdc create ${name}\` makes it`,
      ),
    ),
    ...slots.flatMap(problemsOf),
  ];
}

function problemsOf(slot: SlotPicture): Problem[] {
  const { name, walStatus, invalidationReason, isOfSpec } = slot;
  if (walStatus === 'lost') {
    const again = isOfSpec
      ? `\`pgscale cdc create ${name} --again\` begins anew, then the consumer has to take a snapshot`
      : `drop it: \`pgscale cdc drop ${name}\``;
    return [
      problem(
        'cdc-slot-lost',
        'degraded',
        `the slot ${name} is lost (${invalidationReason ?? 'its WAL is gone'}); ${again}`,
      ),
    ];
  }
  return [...retention(slot), ...copies(slot), ...consumer(slot)];
}

function retention({ name, walStatus, retainedShare, retainedBytes }: SlotPicture): Problem[] {
  const megabytes = Math.round((retainedBytes ?? 0) / 1024 ** 2);
  if (walStatus === 'unreserved') {
    return [
      problem(
        'cdc-slot-limit',
        'degraded',
        `the slot ${name} keeps ${megabytes} MB, more than it may: the next checkpoint takes its WAL away`,
      ),
    ];
  }
  if (retainedShare === null || retainedShare < SHARE_MAX) return [];
  const share = Math.round(retainedShare * 100);
  return [
    problem(
      'cdc-slot-limit',
      'degraded',
      `the slot ${name} keeps ${megabytes} MB of WAL, ${share} % of what it may; at 100 % it is lost. Start its consumer, or \`pgscale cdc drop ${name}\``,
    ),
  ];
}

function copies({ name, isFailover, standbys, syncedOn, isActive }: SlotPicture): Problem[] {
  if (standbys.length === 0) return [];
  if (!isFailover) {
    return [
      problem('cdc-slot-unsafe', 'notice', `the slot ${name} does not survive a failover: it was not made by pgscale`),
    ];
  }
  if (syncedOn.length > 0) {
    const without = standbys.filter((each) => !syncedOn.includes(each));
    if (without.length === 0) return [];
    return [problem('cdc-slot-copies', 'notice', `${without.join(', ')} has no usable copy of the slot ${name} yet`)];
  }
  const hint = isActive ? '' : '; copies become usable when its consumer goes on';
  return [problem('cdc-slot-copies', 'degraded', `no standby has a usable copy of the slot ${name}${hint}`)];
}

function consumer({ name, isActive, isOfSpec, behindSeconds }: SlotPicture): Problem[] {
  if (isActive || !isOfSpec || behindSeconds === null || behindSeconds < AWAY_SECONDS_MAX) return [];
  const minutes = Math.round(behindSeconds / 60);
  return [problem('cdc-consumer-away', 'notice', `nobody has read from the slot ${name} for ${minutes} minutes`)];
}

function problem(id: string, severity: Problem['severity'], text: string): Problem {
  return { id, severity, text };
}
