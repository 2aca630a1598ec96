import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { execa } from 'execa';

import { bootLab, type LabCluster } from '../../test/support/lab-cluster.ts';
import type { BenchLab } from './measurement.ts';

const PGSCALE = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
const NAME = 'bench';
const HOSTS = 3;

/** The benchmark's lab, which boots when it is first needed and goes away with the benchmark. */
export class LazyLab implements AsyncDisposable {
  #booting: Promise<{ cluster: LabCluster; lab: BenchLab }> | undefined;

  async get(): Promise<BenchLab> {
    this.#booting ??= boot();
    return (await this.#booting).lab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const booted = await this.#booting?.catch(() => undefined);
    await booted?.cluster[Symbol.asyncDispose]();
  }

  /** The same for a process that is told to end: nothing else goes on meanwhile, and a boot half-way leaves nothing. */
  removeNow(): void {
    if (this.#booting === undefined) return;
    spawnSync(process.execPath, [PGSCALE, 'lab', 'down', '--name', NAME], { stdio: 'ignore' });
  }
}

async function boot(): Promise<{ cluster: LabCluster; lab: BenchLab }> {
  const cluster = await bootLab(NAME, HOSTS);
  await cluster.init();
  const pgscale = async (args: readonly string[], okStatuses: readonly number[] = [0]): Promise<string> => {
    const { status, stdout, stderr } = await cluster.pgscale(...args);
    if (!okStatuses.includes(status)) throw new Error(`pgscale ${args.join(' ')} ended with ${status}\n${stderr}`);
    return stdout;
  };
  const lab: BenchLab = {
    hosts: cluster.lab.hosts,
    pgscale,
    follow: (args, onLine) => follow(cluster, args, onLine),
    on: (host, script) => onHost(cluster, host, script),
    applied: async () => {
      await pgscale(['apply', '--yes']);
    },
    reset: async () => {
      await pgscale(['lab', 'reset', '--name', NAME, '--all']);
    },
  };
  return { cluster, lab };
}

async function onHost({ lab }: LabCluster, name: string, script: string): Promise<string> {
  const host = lab.hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`no host ${name} in the lab`);
  const options = ['BatchMode=yes', `UserKnownHostsFile=${lab.ssh.knownHosts}`, 'LogLevel=ERROR'];
  const flags = ['-i', lab.ssh.identityFile, ...options.flatMap((each) => ['-o', each])];
  const { stdout } = await execa('ssh', [...flags, `${lab.ssh.user}@${host.address}`, 'sudo sh -s'], { input: script });
  return stdout;
}

async function follow(cluster: LabCluster, args: readonly string[], onLine: (line: string) => void): Promise<void> {
  const running = execa(process.execPath, [PGSCALE, ...args], { cwd: cluster.directory, stdin: 'ignore' });
  for await (const line of running) onLine(line);
  await running;
}
