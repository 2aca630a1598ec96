import { Temporal } from 'temporal-polyfill';
import * as z from 'zod/mini';

import { isTimeKey, KEY_TYPES, type KeyType, type Position, positionOf } from '../axis.ts';
import { periodAt } from '../grid.ts';
import { freeName } from '../plan.ts';
import { type RangePolicy, tableName } from '../policy.ts';
import { ADOPT_MARK, type AdoptCatalog, type PlainTable } from './catalog.ts';
import { durationOf } from './eta.ts';

/** What only the rows themselves tell. */
export interface Rows {
  readonly highest: Position | null;
  readonly hasNull: boolean;
}

/** The first partition: everything before `upper`. */
export interface First {
  readonly upper: Position;
  /** Without a schema. */
  readonly name: string;
}

/** A table that can be adopted, and how. */
export interface Target {
  readonly policy: RangePolicy;
  readonly table: PlainTable;
  readonly type: KeyType;
  readonly now: Position;
  readonly first: First;
}

const markSchema = z.object({ upper: z.string().check(z.regex(/^-?\d+$/u)) });
/** So many times what the work is thought to take has to be left before rows reach the end of the first partition. */
const ROOM = 4n;
const HOUR_MICROS = 3_600_000_000n;
/** Of ids nobody knows how fast they come: a quarter more rows than the table ever had. */
const ROOM_IDS = 4n;

/** The comment of the constraint that an adoption puts on its table. Pure. */
export function boundsMark({ upper }: First): string {
  return `${ADOPT_MARK}${JSON.stringify({ upper: String(upper) })}`;
}

/** Where the present is: by the server's clock, or the highest id. Pure. */
export function presentOf(policy: RangePolicy, type: KeyType, catalog: AdoptCatalog, rows: Rows): Position {
  if (!isTimeKey(type)) return rows.highest ?? 0n;
  return positionOf(Temporal.Instant.fromEpochNanoseconds(catalog.now * 1000n), type, policy.timeZone);
}

/**
 * The end of the period after the present one, or of a later one where that would leave too little time: rows beyond it
 * are refused between the CHECK and the swap. One that was begun keeps its end. Pure.
 */
export function firstOf(policy: RangePolicy, type: KeyType, now: Position, table: PlainTable): First {
  const begun = begunUpper(table);
  if (begun !== undefined) return { upper: begun, name: nameOf(policy, type, begun, table) };
  const room = isTimeKey(type) ? timeRoom(table) : BigInt(table.rows) / ROOM_IDS;
  let upper = periodAt(policy, type, periodAt(policy, type, now).upper).upper;
  if (upper - now < room) upper = periodAt(policy, type, now + room).upper;
  return { upper, name: nameOf(policy, type, upper, table) };
}

/** The end of the first partition of an adoption that was begun. Pure. */
export function begunUpper({ begun }: PlainTable): Position | undefined {
  if (begun?.mark?.startsWith(ADOPT_MARK) !== true) return undefined;
  try {
    return BigInt(markSchema.parse(JSON.parse(begun.mark.slice(ADOPT_MARK.length))).upper);
  } catch {
    return undefined;
  }
}

/** Whether rows that arrive now, or soon, would be refused by what an adoption has begun: then it begins anew. Pure. */
export function isStale({ policy, type, now, table }: Omit<Target, 'first'>): boolean {
  const begun = begunUpper(table);
  if (begun === undefined) return table.begun !== null;
  return isTimeKey(type) ? begun - now < timeRoom(table) / ROOM : begun <= periodAt(policy, type, now).upper;
}

/** Pure. */
export function keyTypeOf({ column }: PlainTable): KeyType | undefined {
  return KEY_TYPES.find((each) => each === column?.type);
}

function timeRoom(table: PlainTable): bigint {
  return BigInt(durationOf(table)) * 1000n * ROOM + HOUR_MICROS;
}

function nameOf(policy: RangePolicy, type: KeyType, upper: Position, { taken }: PlainTable): string {
  const own = tableName(policy);
  const next = periodAt(policy, type, upper).name.slice(own.length + 1);
  return freeName(`${own}_before_${next}`, new Set(taken));
}
