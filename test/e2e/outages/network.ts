import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { DirectWriter } from '../../support/direct-writer.ts';
import { told, writesGoOn, type OutageLab } from '../../support/outage-lab.ts';

/** Longer than a lease. */
const CUT_MS = 30_000;

/** A host is cut off from all others, and comes back. */
export function networkOutages(lab: () => OutageLab): void {
  describe('a network cut', () => {
    it('of the primary: who still writes to it is never told of a row that is gone later', async ({ annotate }) => {
      const before = await lab().whole();
      const direct = await DirectWriter.start(lab(), before);
      let last = 0;
      const seen = await lab().whileWriting(async (ledger) => {
        await lab().power('cut', before);
        const cutMs = Date.now();
        try {
          await expect
            .poll(() => ledger.firstWriteElsewhereMs(cutMs), { timeout: 180_000, interval: 100 })
            .toBeGreaterThan(0);
          await sleep(CUT_MS - (Date.now() - cutMs));
        } finally {
          await lab().power('heal', before);
        }
        last = cutMs;
      });
      const acknowledged = await direct.stop();
      const rows = new Set(await lab().sql(await lab().whole(), 'select id from direct'));
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(acknowledged.filter(({ id }) => !rows.has(id))).toEqual([]);
      const after = acknowledged.filter(({ atMs }) => atMs > last).length;
      await annotate(`${told(seen)}; directly ${acknowledged.length}, ${after} of them after the cut, none lost`);
    });

    it('of a standby: writes go on, and it catches up', async ({ annotate }) => {
      const before = await lab().whole();
      const [standby = ''] = lab().othersThan(before);
      const seen = await lab().whileWriting(async (ledger) => {
        await lab().power('cut', standby);
        try {
          await sleep(CUT_MS);
          await writesGoOn(ledger);
          const { leader, durability } = await lab().status();
          expect({ leader, guarantee: durability.guarantee }).toEqual({ leader: before, guarantee: 'synchronous' });
          expect(await lab().problems()).toContain(`${standby} host-unreachable`);
        } finally {
          await lab().power('heal', standby);
        }
      });
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });
  });
}
