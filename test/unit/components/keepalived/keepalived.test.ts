import { describe, expect, it } from 'vitest';

import { keepalived } from '../../../../src/components/keepalived/index.ts';
import { floatingAddresses, keepalivedSettings } from '../../../../src/components/keepalived/settings.ts';
import { renderTemplate } from '../../../../src/resources/template.ts';
import { SECRETS, specOf, targetOf, VIPS } from '../../../support/target.ts';

describe('keepalived.conf', () => {
  it.each([
    ['three VIPs', specOf(3, { endpoints: VIPS })],
    ['one IPv6 VIP', specOf(2, { replication: { synchronous: 1 }, endpoints: { pool: { vip: 'fd00::5' } } })],
  ])('%s', async (name, spec) => {
    const settings = keepalivedSettings(targetOf(spec, 'pg2', { interface: 'host0' }));
    if (settings === undefined) throw new Error('expected addresses');
    await expect(renderTemplate('keepalived/keepalived.conf', settings)).toMatchFileSnapshot(
      `golden/${name.replaceAll(/\W+/gu, '-')}.conf`,
    );
  });

  it('gives every address its own router id and its own preferred host', () => {
    const spec = specOf(3, { endpoints: VIPS });
    const ids = floatingAddresses(spec, spec.hosts[0]!).map((each) => each.routerId);
    expect(new Set(ids).size).toBe(3);
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...ids)).toBeLessThanOrEqual(255);
    const preferred = [0, 1, 2].map((index) => {
      const priorities = spec.hosts.map((host) => floatingAddresses(spec, host)[index]!.priority);
      expect(new Set(priorities).size).toBe(3);
      return priorities.indexOf(Math.max(...priorities));
    });
    expect(preferred).toEqual([0, 1, 2]);
  });

  it('keeps the router id when other endpoints lose their address', () => {
    const spec = specOf(3, { endpoints: VIPS });
    const less = specOf(3, { endpoints: { pool: VIPS.pool } });
    const id = (of: typeof spec): number | undefined => floatingAddresses(of, of.hosts[0]!).at(-1)?.routerId;
    expect(id(less)).toBe(id(spec));
  });

  it('stops where no address is left, and touches nothing on a host that never had one', () => {
    const target = targetOf(specOf(3), 'pg1');
    expect(keepalived.packages(target)).toEqual([]);
    const [only, ...others] = keepalived.resources(target);
    expect(others).toEqual([]);
    expect(only?.diff(false)).toBeUndefined();
    expect(only?.diff(true)?.action).toBe('remove');
  });

  it('keeps its password out of plans', () => {
    const target = targetOf(specOf(3, { endpoints: VIPS }), 'pg1');
    const files = keepalived.resources(target).filter((each) => each.id.startsWith('file:'));
    expect(files).toHaveLength(3);
    expect(JSON.stringify(files.map((each) => each.diff(undefined)))).not.toContain(SECRETS.passwords.vrrp.slice(0, 8));
  });
});
