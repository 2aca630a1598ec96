import type { LogicalSlot } from '../../src/sql/slot.ts';

/** A slot with a consumer that keeps up, as the primary has it. */
export function logicalSlot(name: string, more: Partial<LogicalSlot> = {}): LogicalSlot {
  return {
    name,
    plugin: 'pgoutput',
    database: 'app',
    isActive: true,
    isFailover: true,
    isSynced: false,
    confirmedLsn: '0/3000000',
    behindBytes: 0,
    retainedBytes: 1024,
    limitBytes: 1024 ** 3,
    walStatus: 'reserved',
    invalidationReason: null,
    inactiveSeconds: null,
    consumerLagSeconds: null,
    ...more,
  };
}
