import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { told, type OutageLab } from '../../support/outage-lab.ts';

const PATRONI_PID = '$(systemctl show -P MainPID patroni)';
/** Longer than the guard's patience and a lease. */
const PATRONI_AWAY_MS = 30_000;

/** Begins a record of 600 MB, and kills the postmaster when standbys have three segments of it. */
const killedInRecord = (dataDirectory: string): string => `
  sql() { runuser -u postgres -- psql -XAtqc "$1"; }
  sql "select pg_logical_emit_message(false, 'pgscale', repeat('x', 600000000))" >/dev/null 2>&1 &
  at() { sql "select (pg_current_wal_flush_lsn() - '0/0')::bigint / 16777216"; }
  began=$(at); for i in $(seq 400); do [ $(($(at) - began)) -ge 3 ] && break; done
  kill -9 $(head -n1 ${dataDirectory}/postmaster.pid)`;

/** A process dies, or does not answer any more, while its host goes on. */
export function processOutages(lab: () => OutageLab): void {
  describe('a process of the primary', () => {
    it('the postmaster is killed: another one leads, the old primary follows', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async () => {
        await lab().on(before, `kill -9 $(head -n1 ${lab().dataDirectory}/postmaster.pid)`);
        await leaderIsNot(lab(), before);
      });
      await annotate(told(seen));
    });

    it('it is killed in the middle of a long record: who has a piece of it follows', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async (ledger) => {
        const faultMs = Date.now();
        await lab().on(before, killedInRecord(lab().dataDirectory));
        await expect
          .poll(() => ledger.firstWriteElsewhereMs(faultMs), { timeout: 60_000, interval: 500 })
          .toBeGreaterThan(0);
      });
      await annotate(told(seen));
    });

    it('Patroni is killed and comes back: nothing changes', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async () => {
        await lab().on(before, `kill -9 ${PATRONI_PID}`);
        await sleep(10_000);
      });
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });

    it('Patroni is killed and cannot come back: another one leads, and it follows when it may', async ({
      annotate,
    }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async () => {
        await lab().on(before, `systemctl mask --runtime --quiet patroni; kill -9 ${PATRONI_PID}`);
        try {
          // systemd knows no settings of a masked unit any more: it ends PostgreSQL too, in order.
          await leaderIsNot(lab(), before);
          await sleep(PATRONI_AWAY_MS);
          expect(await lab().problems()).toContain(`${before} unit-down`);
        } finally {
          await lab().on(before, 'systemctl unmask --runtime --quiet patroni');
        }
      });
      await annotate(told(seen));
    });

    it('Patroni is stopped (SIGSTOP): another one leads, and it follows', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async () => {
        await lab().on(before, `kill -STOP ${PATRONI_PID}`);
        await leaderIsNot(lab(), before);
      });
      await annotate(told(seen));
    });
  });

  describe('a process of a standby', () => {
    it('Patroni is killed: its settings are whole when the primary moves afterwards', async ({ annotate }) => {
      const before = await lab().whole();
      const [standby = '', other = ''] = lab().othersThan(before);
      const seen = await lab().whileWriting(async () => {
        await lab().on(standby, `kill -9 ${PATRONI_PID}`);
        await sleep(10_000);
        const moved = await lab().cluster.pgscale('switchover', '--to', other, '--yes');
        expect(moved.status, moved.stderr).toBe(0);
      });
      // A setting that waits for a restart would be told.
      expect(await lab().whole()).toBe(other);
      await annotate(told(seen));
    });

    it('Patroni is stopped (SIGSTOP): it is started again, and the primary stays', async ({ annotate }) => {
      const before = await lab().whole();
      const [standby = ''] = lab().othersThan(before);
      const pid = await lab().on(standby, `echo ${PATRONI_PID}`);
      const seen = await lab().whileWriting(async () => {
        await lab().on(standby, `kill -STOP ${pid}`);
        await expect
          .poll(() => lab().on(standby, `echo ${PATRONI_PID}`), { timeout: 180_000, interval: 1000 })
          .not.toBe(pid);
      });
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });
  });
}

async function leaderIsNot(lab: OutageLab, before: string): Promise<void> {
  const leader = async (): Promise<string | null> => (await lab.status()).leader;
  await expect
    .poll(leader, { timeout: 240_000, interval: 1000 })
    .toSatisfy((name: string | null) => name !== null && name !== before);
}
