import { describe, expect, it } from 'vitest';

import { pgbouncer } from '../../../../src/components/pgbouncer/index.ts';
import { lookupChange } from '../../../../src/components/pgbouncer/lookup.ts';
import { poolerSettings, userlist } from '../../../../src/components/pgbouncer/settings.ts';
import { processNumbers } from '../../../../src/components/pgbouncer/surplus.ts';
import { valveTimings } from '../../../../src/components/pgbouncer/valve.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { SECRETS, specOf, targetOf, VIPS } from '../../../support/target.ts';

const shared = (spec: Spec, facts = {}): string =>
  renderTemplate('pgbouncer/pgbouncer.ini', {
    ...poolerSettings(targetOf(spec, 'pg1', facts)),
    authQuery: 'SELECT',
    authDatabase: 'pgscale_auth',
  });
const own = (spec: Spec): string => {
  const settings = poolerSettings(targetOf(spec, 'pg1'));
  return renderTemplate('pgbouncer/process.ini', { ...settings, ...settings.processes[1], shared: '/shared.ini' });
};

describe('pgbouncer.ini', () => {
  it.each<[string, Spec]>([
    ['three hosts', specOf(3)],
    [
      'VIPs, two databases, session mode',
      specOf(3, {
        endpoints: { ...VIPS, pool: { ...VIPS.pool, port: 7432 } },
        pooler: { mode: 'session', clients: 999, backends: 30, processes: 3 },
        databases: [
          { name: 'app', owner: 'app' },
          { name: 'app_ro', owner: 'app' },
        ],
      }),
    ],
  ])('%s', async (name, spec) => {
    const file = `golden/${name.replaceAll(/\W+/gu, '-')}.ini`;
    await expect(`${shared(spec)}\n;;; process 2\n${own(spec)}`).toMatchFileSnapshot(file);
  });

  it('listens on the host, the loopback and the VIP', () => {
    expect(own(specOf(3, { endpoints: VIPS }))).toContain('listen_addr = 10.20.0.11,127.0.0.1,10.20.0.102\n');
    expect(own(specOf(3))).toContain('listen_addr = 10.20.0.11,127.0.0.1\n');
  });

  it('has one section [pgbouncer] over both files: a second heading resets the first', () => {
    expect(own(specOf(3))).not.toMatch(/^\[/mu);
    expect(shared(specOf(3)).match(/^\[\w+\]/gmu)).toEqual(['[databases]', '[peers]', '[pgbouncer]']);
  });

  it.each(['fast', 'normal', 'wan'] as const)(
    'turns nobody away who logs in while the poolers are held: %s',
    (profile) => {
      const spec = specOf(3, { failover: { profile } });
      const seconds = Number(/^client_login_timeout = (\d+)$/mu.exec(shared(spec))?.[1]);
      expect(seconds * 1000).toBeGreaterThan(valveTimings(spec).holdMs);
    },
  );

  it('never hides a database of the spec behind the read-only name of another', () => {
    const spec = specOf(3, {
      databases: [
        { name: 'app', owner: 'app' },
        { name: 'app_ro', owner: 'app' },
      ],
    });
    const names = poolerSettings(targetOf(spec, 'pg1')).databases.map((each) => `${each.name} ${each.port}`);
    expect(names).toEqual(['app 15432', 'app_ro 15432', 'app_ro_ro 15433', 'pgscale_auth 15434']);
  });
});

describe('sharing out', () => {
  it('divides clients and backends over processes and databases', () => {
    const spec = specOf(3, {
      pooler: { clients: 1000, backends: 200, processes: 4 },
      databases: [
        { name: 'a', owner: 'app' },
        { name: 'b', owner: 'app' },
      ],
    });
    expect(poolerSettings(targetOf(spec, 'pg1'))).toMatchObject({
      clients: 275,
      poolSize: 25,
      clientsWanted: undefined,
    });
  });

  it.each([
    [1, 1],
    [2, 2],
    [16, 4],
  ])('auto on %d cores: %d processes', (cpuCount, processes) => {
    expect(poolerSettings(targetOf(specOf(3), 'pg1', { cpuCount })).processes).toHaveLength(processes);
  });

  it('takes fewer clients where open files are short, and says so', () => {
    const spec = specOf(3, { pooler: { clients: 10_000, processes: 1 } });
    const settings = poolerSettings(targetOf(spec, 'pg1', { openFilesMax: 4096 }));
    expect(settings).toMatchObject({ clientsWanted: 10_000, openFiles: 4096 });
    expect(settings.clients).toBeLessThan(4096);
    expect(shared(spec, { openFilesMax: 4096 })).toContain('The spec asks for 10000 per process');
    expect(shared(spec)).not.toContain('The spec asks');
  });
});

describe('what is told to whom', () => {
  it('keeps the password out of plans and doubles quotes', () => {
    const target = targetOf(specOf(3), 'pg1');
    const secrets = { ...SECRETS, passwords: { ...SECRETS.passwords, poolerAuth: 'with"quote' } };
    expect(userlist({ ...target, secrets })).toBe('"pgscale_pooler" "with""quote"\n');
    const list = pgbouncer.resources(target).find((each) => each.id.endsWith('userlist.txt'));
    expect(JSON.stringify(list?.diff(undefined))).not.toContain(SECRETS.passwords.poolerAuth);
  });

  it('reloads for what RELOAD takes over, and restarts for the rest', () => {
    const told = pgbouncer
      .resources(targetOf(specOf(3), 'pg1'))
      .flatMap((each) =>
        (each.notifies ?? []).map(({ unit, how }) => `${each.id.split('/').at(-1) ?? ''} ${how} ${unit}`),
      );
    expect(told).toContain('pgbouncer.ini reload pgscale-pgbouncer@2.service');
    expect(told).toContain('process-1.ini restart pgscale-pgbouncer@1.service');
    expect(told).not.toContain('process-1.ini restart pgscale-pgbouncer@2.service');
  });

  it('tells of a restart before it happens, and small changes of the spec cause none', () => {
    const unit = (backends: number): string => {
      const settings = poolerSettings(targetOf(specOf(3, { pooler: { backends } }), 'pg1'));
      return String(settings.openFiles);
    };
    expect(unit(200)).toBe(unit(300));
    const list = pgbouncer.resources(targetOf(specOf(3), 'pg1'));
    const own = list.find((each) => each.id.endsWith('process-1.ini'));
    const other = { content: 'other', owner: 'root', group: 'postgres', mode: '0640' };
    expect(own?.diff(other)?.interruption).toContain('disconnected');
    expect(own?.diff(undefined)?.interruption).toBeUndefined();
  });

  it('finds the processes in a list of units', () => {
    expect(
      processNumbers('pgscale-pgbouncer@3.service loaded\npgscale-pgbouncer@3.service\npgscale-pgbouncer@12.service'),
    ).toEqual([3, 12]);
  });

  it('makes the look-up function anew when it differs, is public or is not granted', () => {
    const right = { isCurrent: true, isPublic: false, isGranted: true };
    expect(lookupChange(right)).toBeUndefined();
    expect(lookupChange(undefined)?.action).toBe('create');
    for (const wrong of [{ isCurrent: false }, { isPublic: true }, { isGranted: false }]) {
      expect(lookupChange({ ...right, ...wrong })?.action).toBe('update');
    }
  });
});
