import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type CommandOutcome, type LabCluster } from '../support/lab-cluster.ts';

/** What goes wrong on hosts and between them: each is named, by `check` and by `apply`, and leaves nothing half-done. */
let cluster: LabCluster;

beforeAll(async () => {
  cluster = await bootLab('e2e-faults', 2);
  await cluster.init({ vips: false });
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const findingsSchema = z.object({
  findings: z.array(z.object({ host: z.string(), id: z.string(), severity: z.string(), what: z.string() })),
});
const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), why: z.string().optional() }),
});

interface Named {
  code: string;
  text: string;
}

/** The error of a run with --json: the last line. */
function errorOf({ stdout }: CommandOutcome): Named {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const { error } = errorSchema.parse(JSON.parse(last));
  return { code: error.code, text: `${error.message} ${error.why ?? ''}` };
}

/** What `check` finds, errors only: `pg1 port-taken: …`. */
async function checked(...args: string[]): Promise<{ status: number; errors: string[] }> {
  const { status, stdout } = await cluster.pgscale('check', '--json', ...args);
  const { findings } = findingsSchema.parse(JSON.parse(stdout));
  const errors = findings.filter(({ severity }) => severity === 'error');
  return { status, errors: errors.map(({ host, id, what }) => `${host} ${id}: ${what}`) };
}

/** The same spec with another line in it, in a file of its own; its name. */
async function variant(name: string, change: (text: string) => string): Promise<string> {
  const at = (file: string): string => join(cluster.directory, file);
  await writeFile(at(`${name}.yaml`), change(await readFile(at('pgscale.yaml'), 'utf8')));
  await copyFile(at('pgscale.secrets.yaml'), at(`${name}.secrets.yaml`));
  return `${name}.yaml`;
}

async function newKey(name: string): Promise<string> {
  const path = join(cluster.directory, name);
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return path;
}

describe('getting in', () => {
  it('names a host that does not answer', async () => {
    await cluster.pgscale('lab', 'cut', 'pg2', '--name', 'e2e-faults');
    try {
      const [check, apply] = await Promise.all([checked(), cluster.pgscale('apply', '--yes', '--json')]);
      expect(check).toMatchObject({ status: 4, errors: [expect.stringContaining('pg2 host-unreachable')] });
      expect(apply.status).toBe(6);
      expect(errorOf(apply)).toMatchObject({
        code: 'PGS_HOST_UNREACHABLE',
        text: expect.stringContaining('pg2') as string,
      });
    } finally {
      await cluster.pgscale('lab', 'heal', 'pg2', '--name', 'e2e-faults');
    }
  });

  it('names a login that is refused', async () => {
    const key = await newKey('another-key');
    const spec = await variant('auth', (text) => text.replace(/identityFile: .*/u, `identityFile: ${key}`));
    const [check, apply] = await Promise.all([
      checked('-c', spec),
      cluster.pgscale('apply', '--yes', '--json', '-c', spec),
    ]);
    expect(check.errors).toEqual([expect.stringContaining('pg1 host-auth'), expect.stringContaining('pg2 host-auth')]);
    expect(apply.status).toBe(6);
    expect(errorOf(apply).code).toBe('PGS_HOST_AUTH');
  });

  it('refuses a host key that has changed', async () => {
    const other = (await readFile(`${await newKey('host-key')}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
    const known = (await readFile(cluster.lab.ssh.knownHosts, 'utf8')).split('\n');
    const forged = known.map((line) => (/\bpg2\b/u.test(line) ? `${line.split(' ')[0] ?? ''} ${other}` : line));
    await writeFile(join(cluster.directory, 'known_hosts'), forged.join('\n'));
    const spec = await variant('key', (text) => text.replace(/knownHosts: .*/u, 'knownHosts: known_hosts'));
    const [check, apply] = await Promise.all([
      checked('-c', spec),
      cluster.pgscale('apply', '--yes', '--json', '-c', spec),
    ]);
    expect(check.errors).toEqual([expect.stringContaining('pg2 host-key-changed')]);
    expect(apply.status).toBe(6);
    expect(errorOf(apply).code).toBe('PGS_HOST_KEY_CHANGED');
  });
});

interface Fault {
  name: string;
  host: string;
  /** Shell that brings the fault about, and shell that takes it away. */
  break: string;
  mend: string;
  finding: RegExp;
  /** Default: PGS_CHECK_FAILED. */
  code?: string;
}

const SQUATTER = 'import socket,time;s=socket.socket();s.bind(("0.0.0.0",5432));s.listen();time.sleep(600)';

const FAULTS: Fault[] = [
  {
    name: 'no sudo',
    host: 'pg2',
    break: 'mkdir /root/sudoers; mv /etc/sudoers.d/* /root/sudoers/',
    mend: 'mv /root/sudoers/* /etc/sudoers.d/',
    finding: /^pg2 host-sudo: .*password is required/u,
    code: 'PGS_HOST_SUDO',
  },
  {
    name: 'another operating system',
    host: 'pg1',
    break: 'cp -L /etc/os-release /root/os; rm /etc/os-release; printf "ID=fedora\\nVERSION_ID=41\\n" >/etc/os-release',
    mend: 'cp /root/os /etc/os-release',
    finding: /^pg1 os-unsupported: runs fedora 41/u,
  },
  {
    name: 'port 5432 in use',
    host: 'pg2',
    break: `systemd-run -q --unit=squatter -- python3 -c '${SQUATTER}'; until ss -Hltn | grep -q :5432; do sleep 0.1; done`,
    mend: 'systemctl stop squatter',
    finding: /^pg2 port-taken: port 5432, which PostgreSQL needs, is taken by python3 \(pid \d+\)/u,
  },
  {
    name: 'a data directory of somebody else',
    host: 'pg1',
    break: 'mkdir -p /var/lib/postgresql/18/e2e-faults; echo 18 >/var/lib/postgresql/18/e2e-faults/PG_VERSION',
    mend: 'test -s /var/lib/postgresql/18/e2e-faults/PG_VERSION && rm -r /var/lib/postgresql',
    finding: /^pg1 foreign-data: \/var\/lib\/postgresql\/18\/e2e-faults is not empty/u,
    code: 'PGS_FOREIGN',
  },
  {
    name: 'a disk that is full',
    host: 'pg2',
    break: 'mkdir -p /var/lib/postgresql; mount -t tmpfs -o size=100M none /var/lib/postgresql',
    mend: 'umount /var/lib/postgresql; rmdir /var/lib/postgresql',
    // Less than 100 while the same check measures its fsync there.
    finding: /^pg2 disk-full: has (?:100|99(?:\.\d)?) MiB free on \/var\/lib\/postgresql/u,
  },
  {
    name: 'a package that is missing',
    host: 'pg1',
    break: 'printf "Package: patroni\\nPin: version *\\nPin-Priority: -1\\n" >/etc/apt/preferences.d/none',
    mend: 'rm /etc/apt/preferences.d/none',
    finding: /^pg1 package-missing: package patroni is not available/u,
  },
  {
    name: 'a clock that is ten minutes off',
    host: 'pg2',
    break:
      'mv /usr/bin/date /usr/bin/date.real; printf "#!/bin/sh\\nexec date.real -d -10minutes \\"\\$@\\"\\n" >/usr/bin/date; chmod 755 /usr/bin/date',
    mend: 'mv /usr/bin/date.real /usr/bin/date',
    finding: /^pg2 clock-skew: its clock is \d+(?:\.\d)? s behind the others/u,
  },
];

describe('on the hosts', () => {
  it.each(FAULTS)('$name', async ({ host, break: damage, mend, finding, code = 'PGS_CHECK_FAILED' }) => {
    await cluster.on(host, damage);
    try {
      const [check, apply] = await Promise.all([checked(), cluster.pgscale('apply', '--yes', '--json')]);
      expect(check).toEqual({ status: 4, errors: [expect.stringMatching(finding)] });
      expect(apply.status, apply.stdout).toBe(4);
      expect(errorOf(apply)).toMatchObject({ code, text: expect.stringContaining(host) as string });
    } finally {
      await cluster.on(host, mend);
    }
    expect(await cluster.on(host, 'ls -d /etc/pgscale 2>/dev/null || true')).toBe('');
  });

  it('finds nothing when all is mended', async () => {
    expect(await checked()).toEqual({ status: 0, errors: [] });
  });
});

const APT_HOLDER =
  'import fcntl,time;f=open("/var/lib/dpkg/lock-frontend","w");fcntl.lockf(f,fcntl.LOCK_EX);time.sleep(600)';

describe('in the middle of an apply', () => {
  it('waits for apt, saying who has it; names a host that is lost; and a second apply ends what it began', async () => {
    await cluster.on('pg1', `systemd-run -q --unit=apt-holder -- python3 -c '${APT_HOLDER}'`);
    const run = cluster.start('apply', '--yes');
    try {
      const waits = await run.seen(({ text }) => text?.includes('waiting for apt') === true);
      expect(waits?.text).toMatch(/in use by python3 \(pid \d+\)/u);
      await cluster.on('pg1', 'systemctl stop apt-holder');
      expect(
        await run.seen(({ step, text }) => step === 'packages:pg2' && /^installing/u.test(text ?? '')),
      ).toBeDefined();
      await cluster.pgscale('lab', 'cut', 'pg2', '--name', 'e2e-faults');
      const ended = await run.ended;
      expect(ended.status, ended.stdout.slice(-2000)).toBe(6);
      expect(errorOf(ended)).toMatchObject({
        code: 'PGS_HOST_UNREACHABLE',
        text: expect.stringContaining('pg2') as string,
      });
    } finally {
      await cluster.pgscale('lab', 'heal', 'pg2', '--name', 'e2e-faults');
    }
    // The job went on without us.
    expect(await cluster.on('pg2', 'systemctl show -p SubState --value pgscale-install-packages')).toMatch(
      /running|exited/u,
    );
    const again = await cluster.pgscale('apply', '--yes', '--json', '--lock-wait', '2m');
    expect(again.status, again.stdout.slice(-3000) + again.stderr).toBe(0);
    expect((await cluster.pgscale('plan')).status).toBe(0);
    const status = await cluster.pgscale('status');
    expect(status.status, status.stdout).toBe(0);
  });
});
