import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { killedAtEachStep } from '../support/killed-runs.ts';
import type { WatchedRun } from '../support/watched-run.ts';
import { expectRefusedFor } from '../support/refused-run.ts';
import { untilWhole } from '../support/whole-cluster.ts';

/**
 * The command line killed at each step of `apply`, and run again: the end is the same as without. The steps are taken from
 * the events of the runs themselves. One chain on one lab: a run, killed at the first step at which none was killed yet;
 * again; until a run gets through. `npm run test:kill` begins from bare hosts for every single step instead, which takes an hour
 * or more: it tells of every step, and PGSCALE_KILLED (steps with commas between) names those that need not be done again.
 */
const IS_EXHAUSTIVE = process.env['PGSCALE_E2E'] === 'full';
const ALREADY = (process.env['PGSCALE_KILLED'] ?? '').split(',').filter((step) => step !== '');
const LAB = IS_EXHAUSTIVE ? 'kill-all' : 'e2e-kill';
const CHAIN_DEADLINE_MS = 20 * 60_000;
const WHOLE_MS = 180_000;

let cluster: LabCluster;

beforeAll(async () => {
  cluster = await bootLab(LAB, 3);
  await cluster.init();
  const path = join(cluster.directory, 'pgscale.yaml');
  // A copy of some 30 MB then takes long enough to be found running by the next run.
  const spec = (await readFile(path, 'utf8')).replace('strict: false', 'strict: false\n  seedMaxRateMbPerSecond: 2');
  await writeFile(path, spec);
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const apply = (...args: string[]): WatchedRun => cluster.start('apply', '--yes', ...args);

/** Which run of a job this is; empty while there is none. */
async function invocation(host: string, job: string): Promise<string> {
  return cluster.on(host, `systemctl show -p InvocationID --value pgscale-${job}`);
}

/**
 * All that pgscale has made: files with owners, modes and content (certificates by name only), units, roles, parameters. Which
 * standbys have a vote is Patroni's, and changes for ten seconds after the last one is there.
 */
async function endState(): Promise<string[]> {
  const script = `find /etc/pgscale /etc/systemd/system /etc/sysctl.d -xdev | sort | xargs stat -c '%n %U:%G %a %F'
find /etc/pgscale /etc/systemd/system /etc/sysctl.d -type f ! -path '*/pki/*' | sort | xargs sha256sum
systemctl list-unit-files --no-legend --state=enabled | sort
systemctl list-units --no-legend --plain --state=active 'etcd*' 'patroni*' 'haproxy*' 'keepalived*' 'pgscale-pgbouncer*' | cut -d' ' -f1
ls -A /var/lib/postgresql/18 /run/pgscale-seed /usr/sbin/policy-rc.d 2>&1
runuser -u postgres -- psql -XAtc "select rolname, rolsuper, rolreplication from pg_roles where rolname !~ '^pg_' order by 1" -c "select datname from pg_database order by 1" -c "select pg_is_in_recovery()" -c "select name, setting from pg_settings where source = 'configuration file' and name <> 'synchronous_standby_names' order by 1"`;
  return Promise.all(cluster.lab.hosts.map(({ name }) => cluster.on(name, script)));
}

/** The lines that only one of two end states has, per host: whole states would fill a terminal. */
function differences(before: readonly string[], after: readonly string[]): string[] {
  const lines = (states: readonly string[]): string[] =>
    states.flatMap((state, host) => state.split('\n').map((line) => `pg${host + 1} ${line}`));
  const [wanted, found] = [lines(before), lines(after)];
  const missing = wanted.filter((line) => !found.includes(line)).map((line) => `- ${line}`);
  return [...missing, ...found.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`)];
}

/** Healthy as soon as HAProxy and keepalived have seen it; then no changes, and the standbys chosen. */
async function healthy(): Promise<void> {
  await untilWhole(cluster, WHOLE_MS);
  const plan = await cluster.pgscale('plan', '--json');
  expect(plan.status, plan.stdout + plan.stderr).toBe(0);
  expect(JSON.parse(plan.stdout), plan.stdout).toMatchObject({ changeCount: 0, unsettled: null });
}

describe('two at once, and Ctrl-C', () => {
  let first: WatchedRun;

  it('refuses the second apply, and names who runs the first', async () => {
    first = apply();
    await first.seen(({ event, step }) => event === 'progress' && step === 'packages:pg1');
    const second = await cluster.pgscale('apply', '--yes', '--json');
    expectRefusedFor(first, 'pgscale apply', second);
  });

  it('stops in order, says how to go on, and lets the job on the host go on', async () => {
    const job = await invocation('pg1', 'install-packages');
    first.signal('SIGINT');
    const { status, stdout } = await first.ended;
    expect(status).toBe(130);
    expect(stdout).toContain('"code":"PGS_INTERRUPTED"');
    expect(stdout).toContain('Run the same command again');
    expect(await invocation('pg1', 'install-packages')).toBe(job);
  });
});

describe.skipIf(IS_EXHAUSTIVE)('killed at each kind of step, one after the other', () => {
  let chained: string[] | undefined;

  it(
    'gets through in the end, and no job on a host is begun twice',
    async () => {
      let jobs: [string, string][] = [];
      const start = async (): Promise<WatchedRun> => {
        jobs = await runningJobs();
        return apply();
      };
      const after = async (): Promise<void> => {
        for (const [job, id] of jobs) await expectSameJob(job, id);
      };
      const { killed, last } = await killedAtEachStep(start, { after });
      expect(last.status, last.stdout.slice(-3000)).toBe(0);
      const wanted = ['packages', 'os', 'etcd', 'patroni', 'primary', 'seed', 'settled'];
      expect(killed).toEqual(expect.arrayContaining(wanted));
    },
    CHAIN_DEADLINE_MS,
  );

  it('leaves a healthy cluster without changes', async () => {
    await healthy();
    chained = await endState();
  });

  it('is what an uninterrupted apply makes; another one waits for it and has nothing to do', async () => {
    const destroyed = await cluster.pgscale('destroy', '--yes', '--cluster', LAB);
    expect(destroyed.status, destroyed.stderr).toBe(0);
    const run = apply();
    await run.seen(({ event }) => event === 'step');
    const waiting = apply('--lock-wait', '9m');
    expect((await run.ended).status).toBe(0);
    const { status, stdout } = await waiting.ended;
    expect(status, stdout).toBe(0);
    expect(stdout).toContain('"changeCount":0');
    await healthy();
    expect(differences(chained ?? [], await endState())).toEqual([]);
  });
});

/** Jobs that run at this moment, with the invocation by which systemd knows them. */
async function runningJobs(): Promise<[string, string][]> {
  const script = `for job in install-packages initialise seed; do [ "$(systemctl show -p SubState --value pgscale-$job)" = running ] && echo "$job $(systemctl show -p InvocationID --value pgscale-$job)"; done; true`;
  const found = await Promise.all(
    cluster.lab.hosts.map(async ({ name }) => {
      const lines = (await cluster.on(name, script)).split('\n').filter((line) => line !== '');
      return lines.map((line): [string, string] => [`${name} ${line.split(' ')[0] ?? ''}`, line.split(' ')[1] ?? '']);
    }),
  );
  return found.flat();
}

/** A job that ran before a run of `apply` runs still, or has ended; no second one has taken its place. */
async function expectSameJob(where: string, id: string): Promise<void> {
  const [host = '', job = ''] = where.split(' ');
  expect(['', id], where).toContain(await invocation(host, job));
}

describe.runIf(IS_EXHAUSTIVE)('killed at each single step, each time from bare hosts', () => {
  it('ends the same every time', async () => {
    let wanted: string[] | undefined;
    const start = async (): Promise<WatchedRun> => {
      await cluster.pgscale('lab', 'reset', '--all', '--name', LAB);
      return apply();
    };
    const after = async (step: string): Promise<void> => {
      const { status, stdout } = await apply().ended;
      expect(status, `killed at ${step}: ${stdout.slice(-3000)}`).toBe(0);
      await healthy();
      wanted ??= await endState();
      expect(differences(wanted, await endState()), step).toEqual([]);
      process.stderr.write(`killed at ${step}: the same end\n`);
    };
    const { killed, last } = await killedAtEachStep(start, { kindOf: (step) => step, already: ALREADY, after });
    expect(last.status, last.stdout.slice(-3000)).toBe(0);
    await after('no step');
    expect(ALREADY.length + killed.length).toBeGreaterThan(20);
  }, 7_200_000);
});
