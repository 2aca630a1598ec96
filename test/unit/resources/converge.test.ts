import { describe, expect, it } from 'vitest';

import type { Host } from '../../../src/host/host.ts';
import { converge, inspect } from '../../../src/resources/converge.ts';
import { resource, type Resource } from '../../../src/resources/resource.ts';

/** A resource over a value in memory: what is wanted, and whether a change takes. */
function memory(id: string, state: Map<string, string>, wanted: string, sticks = true): Resource {
  return resource<string | undefined>({
    id,
    read: async () => state.get(id),
    diff: (actual) => (actual === wanted ? undefined : { action: 'update', summary: `${id} → ${wanted}` }),
    apply: async () => {
      if (sticks) state.set(id, wanted);
    },
    foreign: (actual) => (actual === 'foreign' ? `${id} is foreign` : undefined),
  });
}

const host = { name: 'pg1' } as Host;

describe('converge', () => {
  it('changes only what differs', async () => {
    const state = new Map([['a', 'right']]);
    const result = await converge(host, [memory('a', state, 'right'), memory('b', state, 'new')]);
    expect(result.changed.map(({ id }) => id)).toEqual(['b']);
    expect(state.get('b')).toBe('new');
  });

  it('does nothing the second time', async () => {
    const state = new Map<string, string>();
    const resources = [memory('a', state, '1'), memory('b', state, '2')];
    await converge(host, resources);
    expect((await converge(host, resources)).changed).toEqual([]);
  });

  it('fails with PGS_NOT_CONVERGED when a change does not stick', async () => {
    await expect(converge(host, [memory('a', new Map(), '1', false)])).rejects.toMatchObject({
      code: 'PGS_NOT_CONVERGED',
      host: 'pg1',
    });
  });

  it('refuses what is foreign before it changes anything else', async () => {
    const state = new Map([['b', 'foreign']]);
    await expect(converge(host, [memory('a', state, '1'), memory('b', state, '2')])).rejects.toMatchObject({
      code: 'PGS_FOREIGN',
      why: 'b is foreign',
    });
    expect(state.has('a')).toBe(false);
  });
});

describe('inspect', () => {
  it('does not call something foreign that needs no change', async () => {
    const [finding] = await inspect(host, [memory('a', new Map([['a', 'foreign']]), 'foreign')]);
    expect(finding).toMatchObject({ change: undefined, foreign: undefined });
  });
});
