/** Something that was measured several times, beside what it may be and what it is compared with. */
export interface Measurement {
  readonly name: string;
  readonly unit: 's' | 'ms' | 'count' | 'bytes' | '%';
  readonly runs: readonly number[];
  /** The most that the project promises. */
  readonly target?: number;
  /** Measured in the same run, on the same machine: the ratio says more than seconds of a machine that is busy. */
  readonly baseline?: { readonly name: string; readonly runs: readonly number[] };
}

/** A part of the benchmark, by its name on the command line. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly measure: (bench: Bench) => Promise<Measurement[]>;
}

/** What a section may use. */
export interface Bench {
  readonly runs: number;
  /** The lab of the benchmark, booted when first asked for. */
  readonly lab: () => Promise<BenchLab>;
  readonly say: (text: string) => void;
}

/** Hosts of the benchmark's own lab, with a folder that holds the spec. */
export interface BenchLab {
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Runs pgscale; throws when it ends with another status than the given ones. */
  pgscale(args: readonly string[], okStatuses?: readonly number[]): Promise<string>;
  /** The same, with each line of standard output handed over as it comes. */
  follow(args: readonly string[], onLine: (line: string) => void): Promise<void>;
  /** Runs shell as root on a host by OpenSSH. */
  on(host: string, script: string): Promise<string>;
  /** Sees to it that the cluster runs. */
  applied(): Promise<void>;
  /** Bare hosts again. */
  reset(): Promise<void>;
}

/** The middle of the values; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}

/** How long something takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** Does something `count` times, one after the other, and gives the seconds of each. */
export async function repeat(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let run = 0; run < count; run += 1) all.push(await seconds(work));
  return all;
}
