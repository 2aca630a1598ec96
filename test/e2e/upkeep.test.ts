import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { PoolLoad } from '../../scripts/bench/pool-load.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { startPoolClients } from '../support/pool-clients.ts';
import { untilWhole } from '../support/whole-cluster.ts';

const HOSTS = ['pg1', 'pg2', 'pg3'];
const PACKAGES = ['postgresql-18', 'patroni', 'haproxy'];
const planSchema = z.object({
  hosts: z.array(
    z.object({
      host: z.string(),
      isPrimary: z.boolean(),
      packages: z.array(z.object({ name: z.string(), from: z.string(), to: z.string() })),
      restarts: z.array(z.string()),
    }),
  ),
  primary: z.object({ before: z.string(), after: z.string() }),
});

/**
 * The same programs as newer packages: downloaded from the mirror, packed again under a higher version, offered by a
 * repository of files on the host.
 */
const OFFER_NEWER = `set -eu
mkdir -p /root/newer && cd /root/newer && chmod 755 /root /root/newer
: >Packages
for name in ${PACKAGES.join(' ')}; do
  apt-get download -qq $name
  dpkg-deb -R ./"$name"_*.deb tree
  sed -i 's/^Version: .*/&+next1/' tree/DEBIAN/control
  rm ./"$name"_*.deb
  dpkg-deb -Zgzip -z1 -b tree "$name.deb" >/dev/null
  rm -r tree
  { dpkg-deb -f "$name.deb"; printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$name.deb" "$(stat -c %s "$name.deb")" "$(sha256sum "$name.deb" | cut -d' ' -f1)"; } >>Packages
done
echo 'deb [trusted=yes] file:/root/newer ./' >/etc/apt/sources.list.d/newer.list`;

/** A package that cannot be installed. */
const OFFER_BROKEN = `set -eu
cd /root/newer
dpkg-deb -R haproxy.deb tree
sed -i 's/^Version: .*/&.broken/' tree/DEBIAN/control
printf '#!/bin/sh\\nexit 1\\n' >tree/DEBIAN/preinst && chmod 755 tree/DEBIAN/preinst
dpkg-deb -Zgzip -z1 -b tree broken.deb >/dev/null
rm -r tree
{ dpkg-deb -f broken.deb; printf 'Filename: ./broken.deb\\nSize: %s\\nSHA256: %s\\n\\n' "$(stat -c %s broken.deb)" "$(sha256sum broken.deb | cut -d' ' -f1)"; } >>Packages`;

/** What a cluster needs from time to time, with clients on the pool endpoint. The tests build on each other. */
describe('upkeep', () => {
  let cluster: LabCluster;
  let load: PoolLoad;

  beforeAll(async () => {
    cluster = await bootLab('e2e-upkeep', 3);
    await cluster.init();
    const applied = await cluster.pgscale('apply', '--yes');
    expect(applied.status, applied.stderr).toBe(0);
    load = await startPoolClients(cluster, 20);
  });
  afterAll(async () => {
    try {
      await load[Symbol.asyncDispose]();
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
  });

  const version = (host: string, name: string): Promise<string> =>
    cluster.on(host, `dpkg-query -W -f='\${Version}' ${name}`);

  it('cert rotate: every process has another certificate, and no client of the pool has an error', async () => {
    const serials = (): Promise<string[]> =>
      Promise.all(HOSTS.map((host) => cluster.on(host, 'openssl x509 -noout -serial -in /etc/pgscale/pki/host.crt')));
    const before = await serials();
    load.look();
    const rotated = await cluster.pgscale('cert', 'rotate', '--yes');
    expect(rotated.status, rotated.stderr).toBe(0);
    expect((await serials()).filter((serial, index) => serial === before[index])).toEqual([]);
    const status = await cluster.pgscale('cert', 'status');
    expect(status.status, status.stdout).toBe(0);
    await sleep(5000);
    expect(load.look().flatMap(({ errors }) => errors)).toEqual([]);
    await untilWhole(cluster, 60_000);
  });

  it('a pg_hba.conf that would lock out the owner of a database: refused, and the one before is in force', async () => {
    const file = '/etc/pgscale/postgres/pg_hba.conf';
    const before = await cluster.on('pg1', `cat ${file}`);
    const spec = join(cluster.directory, 'pgscale.yaml');
    const text = await readFile(spec, 'utf8');
    // An expression that only PostgreSQL reads, so that the spec's own rule does not see what it means.
    await writeFile(
      spec,
      text.replace('hba: []', () => String.raw`hba: [ 'hostssl app /\mapp$ all reject' ]`),
    );
    const refused = await cluster.pgscale('apply', '--yes');
    await writeFile(spec, text);
    expect(refused.status, refused.stderr).toBe(4);
    expect(await cluster.on('pg1', `cat ${file}; ls /etc/pgscale/postgres`)).toContain(before);
    const plan = await cluster.pgscale('plan');
    expect(plan.status, plan.stdout).toBe(0);
  });

  it('upgrade says so when there is nothing to do', async () => {
    const { status, stdout, stderr } = await cluster.pgscale('upgrade', '--yes');
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Nothing to do');
  });

  it('shows with --dry-run what would be done, standbys first, and does nothing', async () => {
    await Promise.all(HOSTS.map((host) => cluster.on(host, OFFER_NEWER)));
    const dry = await cluster.pgscale('upgrade', '--dry-run', '--json');
    expect(dry.status, dry.stderr).toBe(10);
    const { hosts, primary } = planSchema.parse(JSON.parse(dry.stdout));
    expect(hosts.map(({ isPrimary }) => isPrimary)).toEqual([false, false, true]);
    expect(hosts.at(-1)?.host).toBe(primary.before);
    for (const each of hosts) {
      expect(each.packages.map(({ name }) => name).toSorted()).toEqual(PACKAGES.toSorted());
      expect(each.restarts).toEqual(['patroni', 'postgres', 'haproxy']);
    }
    expect(await version('pg1', 'patroni')).not.toContain('next1');
  });

  it('upgrades every host, restarts PostgreSQL there, moves the primary once, and no client of the pool has an error', async () => {
    const started = await startTimes(cluster);
    load.look();
    const done = await cluster.pgscale('upgrade', '--yes', '--json');
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const { primary, hosts } = planSchema.parse(JSON.parse(done.stdout));
    expect(hosts).toHaveLength(3);
    expect(primary.after).not.toBe(primary.before);
    for (const host of HOSTS)
      for (const name of PACKAGES) expect(await version(host, name), `${name} on ${host}`).toContain('next1');
    const again = await startTimes(cluster);
    expect(again.filter((time, index) => time === started[index])).toEqual([]);
    expect(load.look().flatMap(({ errors }) => errors)).toEqual([]);
    await untilWhole(cluster, 60_000);
    const nothing = await cluster.pgscale('upgrade', '--dry-run');
    expect(nothing.status, nothing.stdout).toBe(0);
  });

  it('stops at the first host that fails; the primary and the others are as before', async () => {
    const leader = await untilWhole(cluster, 60_000);
    await Promise.all(HOSTS.map((host) => cluster.on(host, OFFER_BROKEN)));
    const failed = await cluster.pgscale('upgrade', '--yes', '--json');
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('PGS_UPGRADE_STOPPED');
    expect(failed.stdout).toContain('upgraded: none; not begun: ');
    expect(await untilWhole(cluster, 60_000)).toBe(leader);
    expect(await version(leader, 'haproxy')).not.toContain('broken');
  });

  it('lost no acknowledged commit in all of it', async () => {
    expect(await load.lostCommits()).toBe(0);
  });
});

/** When PostgreSQL of each member was started. */
async function startTimes(cluster: LabCluster): Promise<string[]> {
  const psql = `runuser -u postgres -- psql -XAtc 'select pg_postmaster_start_time()'`;
  return Promise.all(HOSTS.map((host) => cluster.on(host, psql)));
}
