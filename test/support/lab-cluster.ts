import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa, type Result } from 'execa';
import { z } from 'zod';

import { WatchedRun } from './watched-run.ts';

/** The built command line. */
const PGSCALE = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

const labSchema = z.object({
  name: z.string(),
  domain: z.string(),
  ssh: z.object({ user: z.string(), identityFile: z.string(), knownHosts: z.string() }),
  hosts: z.array(z.object({ name: z.string(), address: z.string(), zone: z.string() })),
  vips: z.object({ primary: z.string(), replica: z.string(), pool: z.string() }),
  objectStore: z.object({
    host: z.string(),
    port: z.number(),
    region: z.string(),
    bucket: z.string(),
    uriStyle: z.string(),
    caFile: z.string(),
    accessKeyFile: z.string(),
    secretKeyFile: z.string(),
  }),
});
export type Lab = z.output<typeof labSchema>;

export interface CommandOutcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** Hosts of a lab with a folder for the spec, driven by the command line as a user drives it. */
export interface LabCluster extends AsyncDisposable {
  readonly lab: Lab;
  readonly directory: string;
  /** Runs pgscale in the folder of the spec; any exit status is an answer. */
  pgscale(...args: string[]): Promise<CommandOutcome>;
  /** Runs pgscale; throws with all that it printed when the status is another than 0. */
  succeed(...args: string[]): Promise<CommandOutcome>;
  /** Runs pgscale and gives its JSON document; throws when the status is another than 0. */
  pgscaleJson(...args: string[]): Promise<unknown>;
  /** Starts pgscale with --json, to be watched, killed or waited for. */
  start(...args: string[]): WatchedRun;
  /** Starts pgscale without --json: for commands that print one document and no events. */
  startPlain(...args: string[]): WatchedRun;
  /** Runs shell as root on a host and gives its output. */
  on(host: string, script: string): Promise<string>;
  /** Writes pgscale.yaml and the secrets with `init`, VIPs and names of the lab included unless told otherwise. */
  init(options?: InitOptions): Promise<void>;
}

interface InitOptions {
  /** Default: the lab's name. */
  cluster?: string;
  hosts?: readonly string[];
  vips?: boolean;
  args?: readonly string[];
}

function outcome(result: Pick<Result, 'exitCode' | 'stdout' | 'stderr'>): CommandOutcome {
  return { status: result.exitCode ?? -1, stdout: String(result.stdout), stderr: String(result.stderr) };
}

/** Boots a lab under a name of its own; disposing of it takes the hosts down and removes the folder. */
export async function bootLab(name: string, hostCount: number): Promise<LabCluster> {
  const directory = await mkdtemp(join(tmpdir(), `pgscale-${name}-`));
  const pgscale = async (...args: string[]): Promise<CommandOutcome> =>
    outcome(
      await execa(process.execPath, [PGSCALE, ...args], {
        cwd: directory,
        reject: false,
        stdin: 'ignore',
        maxBuffer: 64 * 1024 ** 2,
      }),
    );
  const succeed = async (...args: string[]): Promise<CommandOutcome> => {
    const done = await pgscale(...args);
    if (done.status === 0) return done;
    throw new Error(`pgscale ${args.join(' ')} ended with ${done.status}\n${done.stdout}\n${done.stderr}`);
  };
  const pgscaleJson = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await succeed(...args, '--json')).stdout);
  await pgscale('lab', 'down', '--name', name);
  const up = await pgscale('lab', 'up', '--name', name, '--hosts', String(hostCount), '--json');
  if (up.status !== 0) throw new Error(`lab up failed\n${up.stdout}\n${up.stderr}`);
  const lab = labSchema.parse(JSON.parse(up.stdout));
  return {
    lab,
    directory,
    pgscale,
    succeed,
    pgscaleJson,
    start: (...args) => new WatchedRun([PGSCALE, ...args, '--json'], directory),
    startPlain: (...args) => new WatchedRun([PGSCALE, ...args], directory),
    on: async (host, script) => {
      const address = lab.hosts.find((each) => each.name === host)?.address ?? host;
      const options = ['-F', 'none', '-i', lab.ssh.identityFile, '-o', `UserKnownHostsFile=${lab.ssh.knownHosts}`];
      // By root's own login: sudo may be what a test has broken.
      const { exitCode, stdout, stderr } = await execa('ssh', [...options, `root@${address}`, script], {
        reject: false,
        stdin: 'ignore',
      });
      if (exitCode !== 0) throw new Error(`on ${host}: ${script}\n${stdout}\n${stderr}`);
      return stdout.trim();
    },
    init: async ({ cluster = name, hosts = lab.hosts.map((each) => each.name), vips = true, args = [] } = {}) => {
      const chosen = lab.hosts.filter((each) => hosts.includes(each.name));
      const hostFlags = chosen.flatMap((each) => ['--host', `${each.name}=${each.address},zone=${each.zone}`]);
      const vipFlags = (['primary', 'replica', 'pool'] as const).flatMap((each) =>
        vips ? ['--vip', `${each}=${lab.vips[each]}`, '--endpoint-host', `${each}=${each}.${lab.domain}`] : [],
      );
      const ssh = ['--user', lab.ssh.user, '--identity', lab.ssh.identityFile, '--known-hosts', lab.ssh.knownHosts];
      const done = await pgscale(
        'init',
        '--cluster',
        cluster,
        ...hostFlags,
        ...vipFlags,
        ...ssh,
        '--database',
        'app',
        '--owner',
        'app',
        ...args,
      );
      if (done.status !== 0) throw new Error(`init failed\n${done.stdout}\n${done.stderr}`);
    },
    [Symbol.asyncDispose]: async () => {
      await pgscale('lab', 'down', '--name', name);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
