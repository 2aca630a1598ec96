/**
 * Switchovers under load: how long clients of the pool endpoint wait, and whether any of them sees an error. Before each
 * switchover the same clients run for as long without one: what they wait then is the baseline, and how much of this
 * machine's processors they leave idle says whether the figures are those of a switchover or of an overload.
 *
 *     npm run bench:switchover -- --config pgscale.yaml --clients 500 --rounds 20
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { execa } from 'execa';
import { z } from 'zod';

import { quantile as quantileOf } from '../../src/operations/drill/statistics.ts';
import { PoolLoad } from './pool-load.ts';

/** As built, as users run it. */
const RUN = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
const BASELINE_MS = 8000;
const SETTLE_MS = 3000;

const { values } = parseArgs({
  options: {
    config: { type: 'string', short: 'c', default: './pgscale.yaml' },
    clients: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '20' },
    'think-ms': { type: 'string', default: '3000' },
    'write-share': { type: 'string', default: '0.5' },
    'reconnect-after': { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
  },
});

const resultSchema = z.object({
  from: z.string(),
  to: z.string(),
  heldMs: z.number(),
  writeStallMs: z.number().nullable(),
  timeline: z.object({ pauseMs: z.number(), moveMs: z.number(), routeMs: z.number(), resumeMs: z.number() }),
});

async function pgscale(...args: string[]): Promise<unknown> {
  const { stdout } = await execa(process.execPath, [RUN, ...args, '-c', values.config, '--json']);
  return JSON.parse(stdout);
}

function quantile(values: readonly number[], share: number): number {
  return Math.round(quantileOf(values, share) ?? 0);
}

async function startLoad(): Promise<PoolLoad> {
  const directory = await mkdtemp(join(tmpdir(), 'pgscale-bench-'));
  try {
    const caFile = join(directory, 'ca.crt');
    const urls = z.object({ DATABASE_POOL_URL: z.string() }).parse(await pgscale('url', '--ca', caFile));
    return await PoolLoad.start({
      url: urls.DATABASE_POOL_URL,
      ca: await readFile(caFile, 'utf8'),
      clients: Number(values.clients),
      writeShare: Number(values['write-share']),
      thinkMs: Number(values['think-ms']),
      reconnectAfter: Number(values['reconnect-after']),
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Of all processors since the machine started, in ms: idle, and altogether. */
function processorTimes(): { idleMs: number; allMs: number } {
  const times = cpus().map((cpu) => cpu.times);
  const idleMs = times.reduce((sum, { idle }) => sum + idle, 0);
  return { idleMs, allMs: times.flatMap((each) => Object.values(each)).reduce((sum, ms) => sum + ms, 0) };
}

/** The longest wait of every client, and the share of the processors that was idle, while nothing is switched over. */
async function baselineLook(): Promise<{ waitsMs: number[]; idleShare: number; perSecond: number }> {
  load.look();
  const [before, count] = [processorTimes(), load.transactions];
  await sleep(BASELINE_MS);
  const after = processorTimes();
  return {
    waitsMs: load.look().map(({ longestMs }) => longestMs),
    idleShare: (after.idleMs - before.idleMs) / Math.max(1, after.allMs - before.allMs),
    perSecond: (load.transactions - count) / (BASELINE_MS / 1000),
  };
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const load = await startLoad();
say(`${values.clients} clients connected`);
const stalls: number[] = [];
const held: number[] = [];
const errors: string[] = [];
const baselines: Awaited<ReturnType<typeof baselineLook>>[] = [];
await sleep(5000);
for (let round = 1; round <= Number(values.rounds); round += 1) {
  baselines.push(await baselineLook());
  const before = load.transactions;
  const outcome = await pgscale('switchover', '--yes').catch((error: unknown) => String(error).slice(0, 2000));
  await sleep(SETTLE_MS);
  const looks = load.look();
  const own = looks.map(({ longestMs }) => longestMs).toSorted((a, b) => a - b);
  const failed = looks.flatMap((each) => each.errors);
  stalls.push(...own);
  errors.push(...failed);
  const parsed = resultSchema.safeParse(outcome);
  if (parsed.success) held.push(parsed.data.heldMs);
  const { data } = parsed;
  const what =
    data === undefined
      ? `FAILED ${String(outcome)}`
      : `${data.from} → ${data.to}, held ${data.heldMs} ms (${Object.values(data.timeline).slice(0, 4).join(' + ')}), probe ${data.writeStallMs ?? '–'} ms`;
  say(
    `round ${round}: ${what}; clients p50 ${quantile(own, 0.5)} p99 ${quantile(own, 0.99)} max ${quantile(own, 1)} ms; ${failed.length} errors; ${load.transactions - before} transactions${failed.length > 0 ? `\n  ${[...new Set(failed)].join('\n  ')}` : ''}`,
  );
}
const transactions = load.transactions;
const lostCommits = await load.lostCommits();
stalls.sort((a, b) => a - b);
held.sort((a, b) => a - b);
const waits = baselines.flatMap(({ waitsMs }) => waitsMs).toSorted((a, b) => a - b);
const median = (numbers: readonly number[]): number =>
  quantileOf(
    numbers.toSorted((a, b) => a - b),
    0.5,
  ) ?? 0;
const report = {
  clients: Number(values.clients),
  rounds: Number(values.rounds),
  completed: held.length,
  transactions,
  errors: errors.length,
  lostCommits,
  baseline: {
    transactionsPerSecond: Math.round(median(baselines.map(({ perSecond }) => perSecond))),
    processorsIdle: Number(median(baselines.map(({ idleShare }) => idleShare)).toFixed(2)),
    longestWaitMs: { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), max: quantile(waits, 1) },
  },
  stallMs: {
    p50: quantile(stalls, 0.5),
    p95: quantile(stalls, 0.95),
    p99: quantile(stalls, 0.99),
    max: quantile(stalls, 1),
  },
  heldMs: { p50: quantile(held, 0.5), max: quantile(held, 1) },
};
process.stdout.write(`${JSON.stringify(report, null, values.json ? 0 : 2)}\n`);
process.exitCode = errors.length === 0 && lostCommits === 0 && held.length === report.rounds ? 0 : 1;
