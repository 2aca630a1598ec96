import { z } from 'zod';

import { repeat, type BenchLab, type Measurement, type Section } from '../measurement.ts';

const planSchema = z.object({ changeCount: z.number(), roundTrips: z.record(z.string(), z.number()) });
const appliedSchema = z.object({ plan: z.object({ changeCount: z.number() }) });

/** Main processes with their start times, and the files that pgscale keeps with theirs. */
const FINGERPRINT = `systemctl show -p Id,MainPID,ActiveEnterTimestampMonotonic etcd patroni haproxy keepalived 'pgscale-pgbouncer@*'
cat /var/lib/postgresql/18/*/postmaster.pid 2>/dev/null | head -n 3
find /etc/pgscale /etc/systemd/system /etc/sysctl.d -type f -printf '%p %T@ %i\\n' | sort`;

/** What a cluster costs that is already what the spec says. */
export const unchanged: Section = {
  name: 'unchanged',
  title: 'An unchanged cluster of three hosts',
  measure: async ({ runs, lab: boot, say }) => {
    const lab = await boot();
    say('making the cluster');
    await lab.applied();
    const login = { name: 'ssh true, three hosts', runs: await repeat(runs, () => logIn(lab)) };
    const before = await fingerprint(lab);
    let changes = 0;
    const applies = await repeat(runs, async () => {
      const last = (await lab.pgscale(['apply', '--yes', '--json'])).trim().split('\n').at(-1) ?? '';
      changes += appliedSchema.parse(JSON.parse(last)).plan.changeCount;
    });
    const after = await fingerprint(lab);
    const plans: z.output<typeof planSchema>[] = [];
    const planRuns = await repeat(runs, async () => {
      plans.push(planSchema.parse(JSON.parse(await lab.pgscale(['plan', '--json']))));
    });
    const statusRuns = await repeat(runs, () => lab.pgscale(['status']));
    return [
      { name: 'apply', unit: 's', runs: applies, target: 5, baseline: login },
      { name: 'changes in all of them', unit: 'count', runs: [changes], target: 0 },
      { name: 'processes restarted, files written', unit: 'count', runs: [differences(before, after)], target: 0 },
      { name: 'plan', unit: 's', runs: planRuns, target: 5, baseline: login },
      roundTrips(plans),
      { name: 'status', unit: 's', runs: statusRuns, target: 1.5, baseline: login },
    ];
  },
};

/** The floor of everything that goes over SSH: log in to all hosts at once, and out again. */
async function logIn(lab: BenchLab): Promise<void> {
  await Promise.all(lab.hosts.map(({ name }) => lab.on(name, 'true')));
}

async function fingerprint(lab: BenchLab): Promise<string[]> {
  const all = await Promise.all(
    lab.hosts.map(async ({ name }) => {
      const lines = (await lab.on(name, FINGERPRINT)).split('\n');
      return lines.map((line, index) => `${name} ${index} ${line}`);
    }),
  );
  return all.flat();
}

function differences(before: readonly string[], after: readonly string[]): number {
  const known = new Set(before);
  const isThere = new Set(after);
  return [...after.filter((line) => !known.has(line)), ...before.filter((line) => !isThere.has(line))].length;
}

function roundTrips(plans: readonly z.output<typeof planSchema>[]): Measurement {
  return {
    name: 'SSH round trips of a plan, on the busiest host',
    unit: 'count',
    runs: plans.map((plan) => Math.max(...Object.values(plan.roundTrips))),
    target: 5,
  };
}
