import { describe, expect, it } from 'vitest';

import { freePort, isSame } from '../../../../src/operations/restore/into-side.ts';
import type { SidePosition } from '../../../../src/operations/restore/position.ts';
import { FakeHost } from '../../../support/fake-host.ts';
import { specOf } from '../../../support/target.ts';
import { targetFromFlags, targetText, type TargetFlags } from '../../../../src/operations/restore/request.ts';

const position: SidePosition = { isInRecovery: true, isPaused: true, lastTransactionAt: null, lsn: '0/5', timeline: 1 };

function found(flags: TargetFlags, at: SidePosition | null = position) {
  const target = targetText(targetFromFlags(flags), false);
  return { target, host: 'pg2', port: 5532, timeline: 1, position: at };
}

function wanted(flags: TargetFlags, isExclusive = false) {
  return { target: targetFromFlags(flags), isExclusive };
}

it('gets a port on which nobody listens, nor will anything of the cluster', async () => {
  const host = new FakeHost().answer(/^ss /u, { stdout: 'LISTEN 0 5 0.0.0.0:5532 0.0.0.0:*' });
  await expect(freePort(host, specOf(3))).resolves.toBe(5533);
  await expect(freePort(host, specOf(3, { postgres: { port: 5533 } }))).resolves.toBe(5534);
});

describe('a side restore that is run again', () => {
  const here = { name: 'here' };

  it('goes on when it is the same moment, with or without a server that answers', () => {
    expect(isSame(found(here), wanted(here))).toBe(true);
    expect(isSame(found(here, null), wanted(here))).toBe(true);
  });

  it.each([
    ['another moment', isSame(found(here), wanted({ name: 'there' }))],
    ['just before it', isSame(found({ xid: '7' }), wanted({ xid: '7' }, true))],
    ['another host', isSame(found(here, null), { ...wanted(here), host: 'pg3' })],
    ['another port', isSame(found(here), { ...wanted(here), port: 5999 })],
    ['another timeline', isSame(found(here), { ...wanted(here), timeline: 2 })],
    ['a server that takes writes by now', isSame(found(here, { ...position, isInRecovery: false }), wanted(here))],
    ['the latest, which is later now', isSame(found({ latest: true }), wanted({ latest: true }))],
  ])('is another one: %s', (_what, same) => expect(same).toBe(false));

  it('goes on to the latest where no server answers yet', () => {
    expect(isSame(found({ latest: true }, null), wanted({ latest: true }))).toBe(true);
  });
});
