import { describe, expect, it } from 'vitest';

import { drillConfinement, drillResources } from '../../../../src/components/pgbackrest/drill.ts';
import { sideUnitFile } from '../../../../src/operations/restore/server.ts';
import { refuseTablespaces } from '../../../../src/operations/restore/tablespaces.ts';
import { PGBACKREST } from '../../../../src/spec/layout.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { specOf, targetOf } from '../../../support/target.ts';

const repository = { type: 'posix', path: '/repo' };
const spec = specOf(3, { backup: { repository, drill: {} } });
const DATA = '/var/lib/postgresql/18/orders';

const info = (tablespace: object[] | null): FakeHost =>
  new FakeHost('pg1').answer(/ info --set=B3 /u, { stdout: JSON.stringify([{ backup: [{ tablespace }] }]) });

// PostgreSQL replays `create tablespace` to the place that it names, which is where the cluster on the same host has its own.
describe('a tablespace of the cluster', () => {
  it.each(['side', 'in-place', 'into-new'])('is not to be written to by the server of %s', (name) => {
    const lines = sideUnitFile(spec, { name, port: 5532 }).split('\n');
    expect(lines).toContain('ProtectSystem=strict');
    expect(lines).toContain(`ReadWritePaths=${DATA}.restore/${name} /var/run/postgresql -/var/log/pgbackrest`);
  });

  it('nor by a drill, whoever starts it', () => {
    const own = ['ProtectSystem=strict', `ReadWritePaths=${DATA}.drill /var/lib/pgscale/drill -/var/log/pgbackrest`];
    expect(drillConfinement(spec)).toEqual(own);
    const id = `file:/etc/systemd/system/${PGBACKREST.drill.unit}`;
    const unit = drillResources(targetOf(spec, 'pg1')).find((each) => each.id === id)?.rendered?.content ?? '';
    expect(unit.split('\n')).toEqual(expect.arrayContaining(own));
    expect(unit).toContain(`ExecStartPre=+/usr/bin/install -d -o postgres -g postgres -m 0700 ${DATA}.drill\n`);
  });

  it('in the backup keeps a copy from taking the place of a cluster', async () => {
    await expect(refuseTablespaces(info([{ name: 'fast' }]), 'orders', 'B3', 'in place')).rejects.toMatchObject({
      code: 'PGS_RESTORE_FAILED',
      host: 'pg1',
      why: 'the backup B3 has fast',
    });
    await refuseTablespaces(info(null), 'orders', 'B3', 'in place');
  });
});
