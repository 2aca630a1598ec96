import { describe, expect, it } from 'vitest';

import { told, type OutageLab } from '../../support/outage-lab.ts';

const PARENT = '/var/lib/postgresql/18';
const FILLER = `${PARENT}/filler`;
const WRITE_WAL = `runuser -u postgres -- psql -XAtq -c "select length(pg_logical_emit_message(false, 'pgscale', repeat('x', 8000000))::text)"`;
/** Room that a small cluster and its WAL have on the disk that will be full. */
const DISK_MB = 600;

/** The disk of the primary is full. */
export function diskOutages(lab: () => OutageLab): void {
  describe('a full disk on the primary', () => {
    it('another one leads; the message says it; with room again it follows by itself', async ({ annotate }) => {
      const small = await primaryOnSmallDisk(lab());
      const seen = await lab().whileWriting(async (ledger) => {
        const faultMs = Date.now();
        await lab().on(small, `dd if=/dev/zero of=${FILLER} bs=1M status=none || true`);
        // Tables that cannot grow make errors only; it is the WAL that a server cannot do without.
        await lab().on(small, `for i in $(seq 60); do ${WRITE_WAL} >/dev/null 2>&1 || break; done`);
        await expect
          .poll(() => ledger.firstWriteElsewhereMs(faultMs), { timeout: 240_000, interval: 500 })
          .toBeGreaterThan(0);
        const { problems } = await lab().status();
        expect(problems).toContainEqual({
          id: 'disk-full',
          host: small,
          text: expect.stringContaining(lab().dataDirectory) as string,
        });
        await lab().on(small, `rm ${FILLER}`);
      });
      await annotate(told(seen));
      await largeDiskAgain(lab(), small);
    });
  });
}

/** Puts the data of a standby on a file system of its own, and makes it the primary. */
async function primaryOnSmallDisk(lab: OutageLab): Promise<string> {
  const [host = ''] = lab.othersThan(await lab.whole());
  await lab.on(
    host,
    `systemctl stop patroni && mv ${PARENT} ${PARENT}.large && mkdir ${PARENT} &&
     mount -t tmpfs -o size=${DISK_MB}M,mode=0755 none ${PARENT} && chown postgres:postgres ${PARENT} &&
     cp -a ${PARENT}.large/. ${PARENT}/ && systemctl start patroni`,
  );
  await lab.whole();
  await lab.cluster.pgscaleJson('switchover', '--to', host, '--yes');
  expect(await lab.whole()).toBe(host);
  return host;
}

async function largeDiskAgain(lab: OutageLab, host: string): Promise<void> {
  await lab.on(
    host,
    `systemctl stop patroni && rm -r ${PARENT}.large && cp -a ${PARENT} ${PARENT}.large && umount ${PARENT} &&
     rmdir ${PARENT} && mv ${PARENT}.large ${PARENT} && systemctl start patroni`,
  );
  await lab.whole();
}
