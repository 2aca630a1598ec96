import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { hostGroups, hostProcesses, isPopulated, killHostGroup } from './cgroup.ts';
import type { LabDocument, LabHost } from './document.ts';
import { cableName, machineName } from './naming.ts';
import { links, removeCable, setCable } from './network.ts';
import { hostPaths } from './paths.ts';
import { lastLines } from './progress.ts';
import { identify, uptimeSeconds } from './process.ts';
import { answers } from './ssh.ts';
import { until } from './wait.ts';

const BOOT_DEADLINE_MS = 120_000;

/**
 * Runs systemd-nspawn in control groups made afresh ("$@" is its command line). Status 133 is nspawn's word for "the host
 * asked for a reboot" under --keep-unit. The loop itself stays outside of the groups: a v2 group with groups below it may
 * hold no process.
 */
const LAUNCHER = `while :; do
  (
    for group in $PGSCALE_LAB_GROUPS; do
      [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} +
      mkdir "$group" && echo 0 > "$group/cgroup.procs" || exit 1
    done
    unset PGSCALE_LAB_GROUPS
    exec "$@"
  )
  [ $? -eq 133 ] || exit
done`;

/** The capabilities that a host must not have, because they would reach the machine: its clock and its kernel. */
const WITHOUT = 'CAP_SYS_TIME,CAP_SYS_MODULE';

/** What a host is doing: `cut` means that it runs and its network cable is out. */
export type HostState = 'running' | 'cut' | 'down';

/**
 * Boots a host whose disk is mounted, unless it runs already, and waits until it lets the login user in.
 *
 * @throws PgscaleError PGS_LAB_BOOT with the last lines of its console, when systemd-nspawn ends or time is up.
 */
export async function bootHost(lab: LabDocument, host: LabHost): Promise<void> {
  const { console: log } = hostPaths(lab.name, host.name);
  let failure: string | undefined;
  if (!(await isPopulated(lab.name, host.name))) {
    await removeCable(lab.name, host.name);
    const launcher = await launch(lab, host.name, log);
    launcher.once('exit', (status) => (failure = `systemd-nspawn ended with status ${String(status)}`)).unref();
  }
  const answer = await until(BOOT_DEADLINE_MS, async () => failure ?? ((await answers(lab, host)) ? 'up' : undefined));
  if (answer === 'up') return;
  throw new PgscaleError('PGS_LAB_BOOT', {
    what: answer ?? `sshd did not answer within ${BOOT_DEADLINE_MS / 1000} s`,
    host: host.name,
    why: lastLines(await readFile(log, 'utf8').catch(() => 'the console is empty')),
    next: [`Read ${log}, then run \`pgscale lab down --name ${lab.name}\` and \`pgscale lab up\` again.`],
  });
}

async function launch(lab: LabDocument, host: string, log: string): Promise<ChildProcess> {
  const { root } = hostPaths(lab.name, host);
  const machine = machineName(lab.name, host);
  const nspawn = [
    ...['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '-M', machine, `--hostname=${host}`, '-D', root],
    ...[`--network-bridge=${lab.bridge}`, '--resolv-conf=off', '--timezone=off', '--link-journal=no'],
    ...['--capability=all', `--drop-capability=${WITHOUT}`, '--boot'],
  ];
  const output = await open(log, 'a');
  try {
    const groups = (await hostGroups(lab.name, host)).join(' ');
    return spawn('sh', ['-c', LAUNCHER, 'sh', ...nspawn], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output.fd, output.fd],
      env: { PATH: process.env['PATH'], SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1', PGSCALE_LAB_GROUPS: groups },
    });
  } finally {
    await output.close();
  }
}

/**
 * A power loss: the cable goes first, since the kernel closes the connections of processes that it ends and a machine
 * without power sends nothing; then every process ends at the same moment. The disk stays as it is.
 */
export async function killHost(lab: string, host: string): Promise<void> {
  if ((await links()).some(({ ifname }) => ifname === cableName(lab, host))) await setCable(lab, host, false);
  await killHostGroup(lab, host);
  await removeCable(lab, host);
}

/** What a host is doing, from what the machine shows. */
export async function hostState(lab: string, host: string): Promise<HostState> {
  if (!(await isPopulated(lab, host))) return 'down';
  const cable = (await links()).find(({ ifname }) => ifname === cableName(lab, host));
  return cable?.flags.includes('UP') === true ? 'running' : 'cut';
}

/** For how long a host has been running; undefined when it is down. */
export async function hostUptimeSeconds(lab: string, host: string): Promise<number | undefined> {
  const identities = await Promise.all((await hostProcesses(lab, host)).map(identify));
  const seconds = await Promise.all(identities.flatMap((one) => (one === undefined ? [] : uptimeSeconds(one))));
  return seconds.length === 0 ? undefined : Math.round(Math.max(...seconds));
}
