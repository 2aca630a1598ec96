import { setImmediate as tick } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { readLogs } from '../../../src/operations/logs.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { specOf } from '../../support/target.ts';

const CHOICE = { hosts: ['pg1', 'pg2'], lines: 10, isFollowing: false };
const GOES_ON = new AbortController().signal;

async function shownBy(hosts: readonly FakeHost[], signal: AbortSignal): Promise<{ lines: string[]; error: unknown }> {
  const lines: string[] = [];
  const session = paperSession(specOf(2), hosts);
  const reading = readLogs(session, CHOICE, (host, line) => lines.push(`${host} ${line}`), signal);
  const outcome = reading.then(() => undefined).catch((error: unknown) => error);
  await tick();
  for (const host of hosts) host.sessions[0]?.end();
  return { lines, error: await outcome };
}

describe('the log of several hosts', () => {
  const speaking = () => new FakeHost('pg2').answer(/^journalctl/u, { stdout: 'started\n' });

  it('is an error where journalctl refuses, and not an empty log', async () => {
    const refusing = new FakeHost('pg1').answer(/^journalctl/u, {
      exitCode: 1,
      stderr: 'Failed to parse timestamp: x',
    });
    const { lines, error } = await shownBy([refusing, speaking()], GOES_ON);
    expect(error).toMatchObject({ code: 'PGS_REMOTE_COMMAND', host: 'pg1', why: 'Failed to parse timestamp: x' });
    expect(lines).toEqual(['pg2 started']);
  });

  it('is an error where the connection breaks', async () => {
    const broken = new FakeHost('pg1').answer(/^journalctl/u, { exitCode: -1 });
    expect(await shownBy([broken, speaking()], GOES_ON)).toMatchObject({ error: { code: 'PGS_HOST_UNREACHABLE' } });
  });

  it('shows the others when one cannot be reached, and says so at the end', async () => {
    const { lines, error } = await shownBy([speaking()], GOES_ON);
    expect(error).toMatchObject({ code: 'PGS_HOST_UNREACHABLE', host: 'pg1' });
    expect(lines).toEqual(['pg2 started']);
  });

  it('ends at once when it was stopped before it began', async () => {
    const silent = ['pg1', 'pg2'].map((name) => new FakeHost(name).answer(/^journalctl/u, {}));
    const reading = readLogs(paperSession(specOf(2), silent), CHOICE, () => undefined, AbortSignal.abort());
    await expect(reading).resolves.toBeUndefined();
  });
});
