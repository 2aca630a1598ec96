import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type LabDocument, labSchema } from '../../src/lab/document.ts';
import { kill } from '../../src/lab/faults.ts';
import { cableName } from '../../src/lab/naming.ts';

/** The lab itself: two hosts, every fault, and nothing left behind. The tests of one `describe` build on each other. */
const ROOT = path.join(import.meta.dirname, '..', '..');
const NAME = 'e2e-lab';
/** Of this lab only: another one may stand beside it. */
const TRACE = new RegExp(
  ['e2e[-_]lab', ...['db1', 'db2', 'pg1', 'pg2'].map((host) => cableName(NAME, host))].join('|'),
  'u',
);

const pgscale = (args: string[], options: Options = {}) =>
  execa(process.execPath, ['--import', 'tsx', path.join(ROOT, 'bin', 'dev.js'), ...args], {
    cwd: ROOT,
    reject: false,
    stdin: 'ignore',
    ...options,
  });

async function lab(...args: string[]): Promise<{ status: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await pgscale(['lab', ...args], { env: { PGSCALE_LAB: NAME } });
  return { status: exitCode, stdout: String(stdout), stderr: String(stderr) };
}

/** Runs a line of shell as root on a host, and gives what it printed; throws when it fails. */
async function on(host: string, script: string): Promise<string> {
  const { status, stdout, stderr } = await lab('exec', host, '--', 'sudo', 'sh', '-c', script);
  if (status !== 0) throw new Error(`${host}: ${script}: ${String(status)}\n${stdout}\n${stderr}`);
  return stdout.trim();
}

async function states(): Promise<Record<string, string>> {
  const { stdout } = await lab('status', '--json');
  const { hosts } = JSON.parse(stdout) as { hosts: { name: string; state: string }[] };
  return Object.fromEntries(hosts.map(({ name, state }) => [name, state]));
}

/** The command lines of all processes; from /proc, because a bare Debian has no ps. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const lines = await Promise.all(pids.map(async (pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ').replaceAll('\n', ' ')).join('\n');
}

/** Everything on this machine that still names the lab. */
async function leftovers(): Promise<string[]> {
  const read = async (command: string, args: string[]): Promise<string> => (await execa(command, args)).stdout;
  const groups = await Promise.all(
    ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'].map(async (tree) =>
      readdir(tree).catch(() => []),
    ),
  );
  const places = {
    mounts: await readFile('/proc/self/mountinfo', 'utf8'),
    links: await read('ip', ['-o', 'link']),
    tables: await read('nft', ['list', 'tables']),
    names: await readFile('/etc/hosts', 'utf8'),
    processes: await commandLines(),
    groups: groups.flat().join('\n'),
    files: (await readdir('/var/lib/pgscale/lab').catch(() => [])).join('\n'),
  };
  return Object.entries(places).flatMap(([place, text]) =>
    text
      .split('\n')
      .filter((line) => TRACE.test(line) && !line.includes('vitest'))
      .map((line) => `${place}: ${line}`),
  );
}

describe('a lab', () => {
  let document: LabDocument;

  beforeAll(async () => {
    await lab('down');
    const { status, stdout, stderr } = await lab('up', '--names', 'db1,db2', '--zones', 'x', '--json');
    expect(stderr).toContain('Booting db1, db2');
    expect(status).toBe(0);
    const { schemaVersion, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    expect(schemaVersion).toBe(1);
    document = labSchema.parse(rest);
  });

  afterAll(async () => {
    await lab('down');
  });

  it('has hosts that are running Debian systems, each its own', async () => {
    expect(document.hosts.map(({ name, zone }) => `${name} ${zone}`)).toEqual(['db1 x', 'db2 x']);
    const seen = await Promise.all(
      document.hosts.map(async ({ name }) => {
        expect(await on(name, 'systemctl is-system-running --wait')).toBe('running');
        expect(await on(name, 'hostname; cat /proc/1/comm')).toBe(`${name}\nsystemd`);
        return on(name, 'cat /etc/machine-id');
      }),
    );
    expect(new Set(seen).size).toBe(2);
    expect(await on('db1', 'getent hosts db2 primary.e2e-lab.test')).toContain(document.vips.primary);
  });

  it('lets ssh in with strict checking of the host key, by address and by name, as ops and as root', async () => {
    const { identityFile, knownHosts } = document.ssh;
    const options = ['-F', 'none', '-i', identityFile, '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'BatchMode=yes'];
    const ssh = async (target: string) =>
      execa('ssh', [...options, '-o', 'StrictHostKeyChecking=yes', target, 'sudo -n id -un'], { reject: false });
    const [host] = document.hosts;
    for (const target of [`ops@${host!.address}`, `root@${host!.address}`, `ops@${host!.fqdn}`]) {
      expect(await ssh(target)).toMatchObject({ exitCode: 0, stdout: 'root' });
    }
    expect((await execa('ssh-keygen', ['-F', host!.address, '-f', knownHosts])).stdout).toContain('ssh-ed25519');
  });

  it('gives its hosts the way to packages', async () => {
    expect(await on('db1', 'apt-get update 2>&1 && apt-cache policy postgresql-18')).toContain('Candidate: 18');
  });

  it('passes the exit status and the arguments of a program on', async () => {
    expect((await lab('exec', 'db1', '--', 'sh', '-c', 'exit 7')).status).toBe(7);
    expect((await lab('exec', 'db1', '--', 'printf', '%s|', 'a b', "it's", '$HOME')).stdout).toBe("a b|it's|$HOME|");
    expect((await lab('ssh', 'db1', '--', 'echo one | tr o 0')).stdout.trim()).toBe('0ne');
    expect((await lab('exec', 'nosuch', '--', 'true')).status).toBe(2);
  });

  it('cuts a host off the network, and plugs it in again', async () => {
    expect((await lab('cut', 'db2')).status).toBe(0);
    expect(await states()).toEqual({ db1: 'running', db2: 'cut' });
    expect((await lab('exec', 'db2', '--', 'true')).status).toBe(255);
    expect((await lab('heal', 'db2')).status).toBe(0);
    expect(await on('db2', 'echo back')).toBe('back');
    expect(await states()).toEqual({ db1: 'running', db2: 'running' });
  });

  it('cuts two hosts off from each other only', async () => {
    const pinged = async (): Promise<string> => on('db1', 'ping -c1 -W1 db2 >/dev/null && echo yes || echo no');
    expect(await pinged()).toBe('yes');
    await lab('cut', 'db2', '--from', 'db1');
    expect(await pinged()).toBe('no');
    expect(await on('db2', 'echo reached')).toBe('reached');
    await lab('heal', 'db1');
    expect(await pinged()).toBe('yes');
  });

  it('takes the power of a host without a word to its peers, and boots it with its disk', async () => {
    await on('db1', 'echo kept > /root/file');
    const [db1] = document.hosts;
    const script = `import socket
s = socket.create_connection(("${db1!.address}", 22)); s.recv(99); print("open", flush=True); s.settimeout(6)
try: print("closed", s.recv(1))
except TimeoutError: print("silent")
except OSError as e: print("reset", e)`;
    const watch = pgscale(['lab', 'exec', 'db2', '--name', NAME, '--', 'python3', '-c', script]);
    const seen: string[] = [];
    let killedAt = 0;
    for await (const line of watch.iterable()) {
      seen.push(String(line));
      // In this process, because starting the command line takes seconds on a busy machine.
      if (line !== 'open') continue;
      await kill(NAME, 'db1');
      killedAt = Date.now();
    }
    // The loss of a host must not cut the others off from this machine, as a bridge does that changes its address.
    expect(Date.now() - killedAt).toBeLessThan(30_000);
    expect(seen).toEqual(['open', 'silent']);
    expect(await states()).toMatchObject({ db1: 'down' });
    expect((await lab('cut', 'db1')).status).toBe(4);
    expect((await lab('start', 'db1')).status).toBe(0);
    expect(await on('db1', 'cat /root/file')).toBe('kept');
  });

  it('lets a host reboot itself', async () => {
    const boot = async (): Promise<string> =>
      on('db1', 'cat /proc/sys/kernel/random/boot_id; cat /proc/1/stat').catch(() => '');
    const before = await boot();
    await lab('exec', 'db1', '--', 'sudo', 'systemctl', 'reboot');
    await expect.poll(boot, { timeout: 60_000, interval: 500 }).not.toBe(before);
    await expect.poll(async () => (await boot()).length, { timeout: 60_000 }).toBeGreaterThan(0);
    expect(await on('db1', 'systemctl is-system-running --wait')).toBe('running');
    expect(await on('db1', 'cat /root/file')).toBe('kept');
  });

  it('is completed by a second `up`: a host that is down comes back with its disk', async () => {
    await lab('kill', 'db2');
    expect((await lab('up', '--names', 'db1,db2')).status).toBe(0);
    expect(await states()).toEqual({ db1: 'running', db2: 'running' });
    expect(await on('db1', 'cat /root/file')).toBe('kept');
    expect((await lab('up', '--hosts', '3')).stderr).toContain('PGS_LAB_EXISTS');
  });

  it('makes a host bare again', async () => {
    expect((await lab('reset', 'db1')).status).toBe(0);
    expect(await on('db1', 'ls /root')).toBe('');
  });

  it('stores objects over TLS for those with the right key, and keeps them while it is away', async () => {
    const { endpoint, bucket, caFile, accessKeyFile, secretKeyFile, region } = document.objectStore;
    const [ca, access, secret] = await Promise.all(
      [caFile, accessKeyFile, secretKeyFile].map(async (file) => readFile(file, 'utf8')),
    );
    await on('db1', `cat > /tmp/ca.crt <<'X'\n${ca!}\nX`);
    const s3 = async (key: string, args: string): Promise<string> =>
      on(
        'db1',
        `curl -s --max-time 5 --cacert /tmp/ca.crt --aws-sigv4 aws:amz:${region}:s3 -u '${access!.trim()}:${key}' ${args} -w '%{http_code}' || true`,
      );
    const url = `${endpoint}/${bucket}/some/object`;
    expect(await s3(secret!.trim(), `-T /etc/hostname ${url}`)).toBe('200');
    expect(await s3(secret!.trim(), url)).toBe('db1\n200');
    expect(await s3('wrong', url)).toContain('SignatureDoesNotMatch');
    expect(await on('db1', `curl -s ${url} || echo $?`)).toBe('60');
    expect((await lab('store', 'stop')).status).toBe(0);
    expect(await s3(secret!.trim(), url)).toBe('000');
    expect((await lab('store', 'start')).status).toBe(0);
    expect(await s3(secret!.trim(), url)).toBe('db1\n200');
  });

  it('leaves nothing behind, and can be ended twice', async () => {
    expect((await leftovers()).length).toBeGreaterThan(5);
    expect((await lab('down')).status).toBe(0);
    expect(await leftovers()).toEqual([]);
    expect((await lab('down')).status).toBe(0);
    expect((await lab('status')).status).toBe(2);
  });
});

describe('a `lab up` that was killed', () => {
  /** Starts `up`, waits for a line of its progress and a little more, and kills it. */
  async function killedUp(line: string, laterMs: number, env: Record<string, string> = {}): Promise<void> {
    const up = pgscale(['lab', 'up', '--name', NAME, '--hosts', '2'], { env });
    // Not by iterating: leaving that loop early waits for the program's end.
    await new Promise<void>((resolve) => {
      let seen = '';
      up.stderr?.on('data', (text: Buffer) => {
        seen += text.toString();
        if (seen.includes(line)) resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, laterMs));
    up.kill('SIGKILL');
    expect((await up).signal).toBe('SIGKILL');
  }

  it.each([0, 150, 400, 900])('%d ms into the boot is cleaned up', async (laterMs) => {
    await killedUp('Booting', laterMs);
    expect((await lab('status')).status).toBe(0);
    expect((await lab('down')).status).toBe(0);
    expect(await leftovers()).toEqual([]);
  });

  it('is completed by the next `up`', async () => {
    await killedUp('Booting', 300);
    expect((await lab('up', '--hosts', '2')).status).toBe(0);
    expect(await on('pg2', 'systemctl is-system-running --wait')).toBe('running');
    expect((await lab('down')).status).toBe(0);
    expect(await leftovers()).toEqual([]);
  });

  it('while it built the base image leaves no image that would be used', async () => {
    const cache = await mkdtemp(path.join(tmpdir(), 'pgscale-cache-'));
    const env = { PGSCALE_LAB_CACHE: cache };
    await killedUp('installing remaining packages', 500, env);
    expect((await readdir(cache)).filter((name) => name.startsWith('build-'))).toHaveLength(1);
    const { exitCode } = await pgscale(['lab', 'down', '--name', NAME], { env });
    expect(exitCode).toBe(0);
    expect((await readdir(cache)).filter((name) => /^(build|image)-/u.test(name))).toEqual([]);
    await access('/dev/null');
    await rm(cache, { recursive: true });
  });
});
