// Kills a process of the primary round by round and prints what a few writers on the pool endpoint noticed. For a lab:
//   node --import tsx scripts/bench/failover-writer.ts SPEC postmaster|patroni|patroni-away|patroni-frozen [ROUNDS]
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { loginOf } from '../../src/operations/url.ts';
import { loadCluster } from '../../src/spec/cluster.ts';
import { dataDirectory, endpoint } from '../../src/spec/topology.ts';
import { LedgerWriter } from '../../test/support/ledger-writer.ts';

const run = promisify(execFile);
const [specPath = '', kind = 'postmaster', rounds = '5'] = process.argv.slice(2);
const cluster = await loadCluster(specPath);
const { spec } = cluster;
const { database, role, password } = loginOf(cluster, {});
const { hosts, port } = endpoint(spec, 'pool');
const login = { host: hosts[0]!, port, database, user: role, password, ssl: { rejectUnauthorized: false } };

const PATRONI_PID = '$(systemctl show -P MainPID patroni)';
const FAULTS: Record<string, string> = {
  postmaster: `kill -9 $(head -n1 ${dataDirectory(spec)}/postmaster.pid)`,
  patroni: `kill -9 ${PATRONI_PID}`,
  'patroni-frozen': `kill -STOP ${PATRONI_PID}`,
  // systemd may not bring it back: the unit's program is made unusable for a moment
  'patroni-away': `mkdir -p /run/systemd/system/patroni.service.d; printf '[Service]\\nRestartSec=60\\n' >/run/systemd/system/patroni.service.d/zz.conf; systemctl daemon-reload; kill -9 ${PATRONI_PID}; sleep 6; rm -r /run/systemd/system/patroni.service.d; systemctl daemon-reload`,
};

async function onHost(host: string, script: string): Promise<string> {
  const { user, identityFile, knownHosts } = spec.ssh;
  const address = spec.hosts.find(({ name }) => name === host)!.sshAddress;
  const options = ['-i', identityFile!, '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'ConnectTimeout=5'];
  const command = `sudo sh -c '${script.replaceAll("'", `'\\''`)}'`;
  const { stdout } = await run('ssh', [...options, `${user}@${address}`, command]);
  return stdout.trim();
}

async function primary(): Promise<{ name: string; streaming: number } | undefined> {
  const sql = `select count(*) from pg_stat_replication where state = 'streaming' and sync_state = 'quorum' and not pg_is_in_recovery()`;
  for (const { name } of spec.hosts) {
    const found = await onHost(
      name,
      `runuser -u postgres -- psql -XAtc "select pg_is_in_recovery()" -c "${sql}"`,
    ).catch(() => '');
    const [inRecovery, streaming] = found.split('\n');
    if (inRecovery === 'f') return { name, streaming: Number(streaming) };
  }
  return undefined;
}

async function redundant(limitMs: number): Promise<string> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    const found = await primary();
    if (found?.streaming === spec.hosts.length - 1) return found.name;
    if (Date.now() > endsAt) throw new Error('the cluster is not whole again');
    await sleep(1000);
  }
}

for (let round = 1; round <= Number(rounds); round++) {
  const name = await redundant(120_000);
  await sleep(3000);
  const writer = new LedgerWriter(login);
  await writer.start();
  await sleep(2000);
  const faultMs = Number((await onHost(name, `date +%s%3N; ${FAULTS[kind] ?? ''}`)).split('\n')[0]);
  await sleep(12_000);
  const firstMs = writer.firstWriteElsewhereMs(faultMs);
  const longestMs = writer.longestGapMs(faultMs);
  const lost = await writer.lost();
  const whole = await redundant(120_000);
  const wholeMs = Date.now() - faultMs;
  const errors = Object.fromEntries(writer.errors);
  const report = { round, kind, from: name, to: whole, firstMs, longestMs, acknowledged: writer.acknowledged.length };
  process.stdout.write(`${JSON.stringify({ ...report, lost: lost.length, wholeMs, errors })}\n`);
}
