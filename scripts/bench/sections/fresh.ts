import { z } from 'zod';

import { median, seconds, type BenchLab, type Measurement, type Section } from '../measurement.ts';

/** A minute each: more runs than this tell nothing new. */
const MOST_RUNS = 3;

const planSchema = z.object({
  hosts: z.array(z.object({ host: z.string(), changes: z.array(z.object({ id: z.string(), summary: z.string() })) })),
});
const eventSchema = z.union([
  z.object({ event: z.literal('stage'), title: z.string(), at: z.number() }),
  z.looseObject({ at: z.number() }),
]);

/** From bare hosts to a cluster, and how much of that is apt. */
export const fresh: Section = {
  name: 'fresh',
  title: 'Apply on three fresh hosts, packages in the cache',
  measure: async ({ runs, lab: boot, say }) => {
    const lab = await boot();
    const packages = await plannedPackages(lab);
    say('filling the package cache');
    await download(lab, packages);
    const count = Math.min(runs, MOST_RUNS);
    const floors: number[] = [];
    const totals: number[] = [];
    const stages: Map<string, number>[] = [];
    for (let run = 1; run <= count; run += 1) {
      say(`run ${run} of ${count}: the packages by hand, then apply`);
      await lab.reset();
      floors.push(await seconds(() => installByHand(lab, packages)));
      await lab.reset();
      const applied = await timedApply(lab);
      totals.push(applied.totalS);
      stages.push(applied.stages);
    }
    return measurements(totals, floors, stages);
  },
};

function measurements(
  totals: readonly number[],
  floors: readonly number[],
  stages: readonly Map<string, number>[],
): Measurement[] {
  const titles = [...new Set(stages.flatMap((each) => [...each.keys()]))];
  const of = (title: string): number[] => stages.map((each) => each.get(title) ?? 0);
  const floor = { name: 'the same packages by hand', runs: floors };
  return [
    { name: 'apply', unit: 's', runs: totals, target: 120, baseline: floor },
    ...titles.map((title): Measurement => ({
      name: `  ${title}`,
      unit: 's',
      runs: of(title),
      ...(title === 'Packages' ? { baseline: floor } : {}),
    })),
    {
      name: '  share of packages',
      unit: '%',
      runs: of('Packages').map((value, index) => (100 * value) / (totals[index] ?? median(totals))),
    },
  ];
}

async function plannedPackages(lab: BenchLab): Promise<Map<string, string>> {
  const plan = planSchema.parse(JSON.parse(await lab.pgscale(['plan', '--json'], [10])));
  return new Map(
    plan.hosts.map(({ host, changes }) => {
      const { summary } = changes.find(({ id }) => id === 'packages')!;
      return [host, summary.replace('install ', '').replaceAll(',', '')];
    }),
  );
}

/** Into the cache that the hosts of a lab share. */
async function download(lab: BenchLab, packages: ReadonlyMap<string, string>): Promise<void> {
  const [first] = lab.hosts;
  const names = [...new Set([...packages.values()].flatMap((each) => each.split(' ')))].join(' ');
  await lab.on(
    first!.name,
    `apt-get -qq update && apt-get -qq -y -d --no-install-recommends install ${names} >/dev/null`,
  );
}

/** The floor: what apply installs, by apt-get alone, on all hosts at once, with no service started either. */
async function installByHand(lab: BenchLab, packages: ReadonlyMap<string, string>): Promise<void> {
  const script = (names: string): string => `set -e
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/bench.conf
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install ${names} >/dev/null 2>&1`;
  await Promise.all(lab.hosts.map(({ name }) => lab.on(name, script(packages.get(name) ?? ''))));
}

/** Seconds from the start of each stage to the start of the next; what is before the first is the survey. */
async function timedApply(lab: BenchLab): Promise<{ totalS: number; stages: Map<string, number> }> {
  const startedAt = performance.now();
  const marks: { title: string; at: number }[] = [{ title: 'Survey and checks', at: startedAt }];
  await lab.follow(['apply', '--yes', '--json'], (line) => {
    const event = eventSchema.parse({ ...(JSON.parse(line) as object), at: performance.now() });
    if ('title' in event && event.event === 'stage') marks.push({ title: String(event.title), at: event.at });
  });
  const endedAt = performance.now();
  const stages = new Map<string, number>();
  for (const [index, { title, at }] of marks.entries()) {
    stages.set(title, ((marks[index + 1]?.at ?? endedAt) - at) / 1000);
  }
  return { totalS: (endedAt - startedAt) / 1000, stages };
}
