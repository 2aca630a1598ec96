import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

import { SEGMENT_BYTES } from '../../../../src/archive/segment.ts';
import { archiveEnd } from '../../../../src/operations/restore/in-place/last-wal.ts';
import { unarchivedScript } from '../../../../src/operations/restore/in-place/scripts.ts';
import { replay } from '../../../../src/operations/restore/replay.ts';
import { targetFromFlags } from '../../../../src/operations/restore/request.ts';
import { restoreScript } from '../../../../src/operations/restore/server.ts';
import { IN_PLACE } from '../../../../src/spec/restore-places.ts';
import type { Side } from '../../../../src/operations/restore/side.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { fullBackup } from '../../../support/full-backup.ts';
import { paperSession } from '../../../support/paper-session.ts';
import { specOf } from '../../../support/target.ts';

const spec = specOf(3, { backup: { repository: { type: 'posix', path: '/repo' } } });
const side: Side = {
  name: IN_PLACE,
  host: 'pg1',
  port: 5532,
  target: 'the latest',
  backup: 'B3',
  timeline: 1,
  createdAt: '2026-11-28T18:07:07.123Z',
};
const files = {
  spec,
  archive: spec.cluster,
  name: IN_PLACE,
  backup: 'B3',
  timeline: 1,
  target: targetFromFlags({ latest: true }),
  isExclusive: false,
};

/** An archive with a backup in segment 3 of timeline 1 and WAL to the end of segment 5; or one that goes on along timeline 2. */
function archiveHost(goesOn: boolean): FakeHost {
  const status = { code: 0, message: 'ok', lock: { backup: { held: false } } };
  const archive = [{ id: '18-1', min: null, max: null }];
  const info = [{ name: 'orders', archive, backup: [fullBackup('B3', 1)], db: [], repo: [{ status }], status }];
  const sum = 'a'.repeat(40);
  const segments = ['000000010000000000000003', '000000010000000000000004', '000000010000000000000005'].map(
    (name) => `18-1/0000000100000000/${name}-${sum}.zst`,
  );
  const more = goesOn ? [`18-1/0000000200000000/000000020000000000000006-${sum}.zst`, '18-1/00000002.history'] : [];
  const listing = Object.fromEntries([...segments, ...more].map((path) => [path, { type: 'file', time: 100 }]));
  return new FakeHost('pg1')
    .answer(/ info /u, { stdout: JSON.stringify(info) })
    .answer(/ repo-ls /u, { stdout: JSON.stringify(listing) })
    .answer(/ repo-get /u, { stdout: 'timeline 2\n1\t0/6000000\tno recovery target specified\n' });
}

describe('the latest in place', () => {
  it('is a standby of the archive, along the timeline that was chosen', () => {
    const script = restoreScript(files);
    expect(script).toContain('--type=standby --target-timeline=1');
    expect(script).not.toContain('--target-action');
    expect(restoreScript({ ...files, name: 'side' })).toContain('--type=default');
  });

  it('gets what the primary could not archive, whole, and marked to be archived later', async () => {
    const root = await mkdtemp(join(tmpdir(), 'last-wal-'));
    const own = { ...spec, postgres: { ...spec.postgres, dataDirectory: `${root}/data` } };
    const wal = [`${root}/data/pg_wal`, `${root}/data.restore/in-place/data/pg_wal`] as const;
    for (const each of wal) await mkdir(`${each}/archive_status`, { recursive: true });
    for (const each of ['5', '6', '7']) await writeFile(`${wal[0]}/${each}`, each);
    for (const each of ['5.done', '6.ready', 'gone.ready']) await writeFile(`${wal[0]}/archive_status/${each}`, '');
    await execa('sh', ['-c', unarchivedScript(own, IN_PLACE)]);
    await execa('sh', ['-c', unarchivedScript(own, IN_PLACE)]);
    expect(await readdir(wal[1])).toEqual(['6', 'archive_status']);
    expect(await readdir(`${wal[1]}/archive_status`)).toEqual(['6.ready']);
    await rm(root, { recursive: true });
  });

  it('has come to its target when it is where the archive ended, and recovers still', async () => {
    const at = ['0/3000028', '0/4000000', '0/5FFFFD8'];
    const [hostSpec] = spec.hosts;
    const host = new FakeHost('pg1').answer(/is-active/u, { stdout: 'active' }).answer(/psql/u, () => ({
      stdout: JSON.stringify([
        { isInRecovery: true, isPaused: false, lastTransactionAt: null, lsn: at.shift(), timeline: 1 },
      ]),
    }));
    const seen: (string | null)[] = [];
    const reached = ({ lsn }: { lsn: string | null }): void => void seen.push(lsn);
    const endLsn = 6 * SEGMENT_BYTES;
    const work = { host, hostSpec: hostSpec!, side, files, endLsn, databaseBytes: undefined, reached };
    await replay(work, () => undefined, new AbortController().signal);
    expect(seen).toEqual(['0/5FFFFD8']);
    expect(at).toEqual([]);
  });

  it('is not promoted before the last segment, and not at all where the cluster has gone on elsewhere', async () => {
    const look = (goesOn: boolean, timeline?: number): Promise<number> => {
      const host = archiveHost(goesOn);
      return archiveEnd({ session: paperSession(spec, [host]), host, side, timeline });
    };
    expect(await look(false)).toBe(6 * SEGMENT_BYTES);
    await expect(look(true)).rejects.toMatchObject({
      code: 'PGS_RESTORE_FAILED',
      message: /gone on to timeline 2/u,
    });
    expect(await look(true, 1)).toBe(6 * SEGMENT_BYTES);
  });
});
