import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { renderOutages, type ShownOutages } from './outage.ts';
import { problemLine } from './problem.ts';
import { table } from './table.ts';
import { duration } from './time.ts';

interface ShownMember {
  readonly name: string;
  readonly zone: string;
  readonly isReachable: boolean;
  readonly role: string | null;
  readonly state: string | null;
  readonly sync: string | null;
  readonly timeline: number | null;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
  readonly connections: number | null;
  readonly connectionsMax: number | null;
}

interface ShownPooler {
  readonly host: string;
  readonly isUp: boolean;
  readonly clientsActive?: number;
  readonly clientsWaiting?: number;
  readonly serversActive?: number;
  readonly serversIdle?: number;
}

/** What of a cluster is shown; the picture of src/cluster has it. */
export interface ShownCluster {
  readonly cluster: string;
  readonly isDegraded: boolean;
  readonly problems: readonly { severity: string; host?: string; text: string }[];
  readonly durability: { guarantee: string; text: string };
  readonly outages: ShownOutages | null;
  readonly members: readonly ShownMember[];
  readonly etcd: readonly { host: string; isHealthy: boolean; isLeader: boolean }[];
  readonly poolers: readonly ShownPooler[];
  readonly proxies: readonly { host: string; isUp: boolean; sessions: number | null }[];
  readonly endpoints: readonly {
    readonly name: string;
    readonly hosts: readonly string[];
    readonly port: number;
    readonly vip: string | null;
    readonly vipHolders: readonly string[];
    readonly isServing: boolean;
    readonly members: readonly string[];
  }[];
  readonly certificates: readonly { host: string; daysLeft: number }[];
  readonly drift: { readonly hostsBehind: readonly string[]; readonly changedFiles: readonly unknown[] };
  readonly at: string;
  readonly archive: ShownArchive | null;
}

interface ShownArchive {
  readonly lastBackup: { readonly label: string; readonly endedAt: string } | null;
  readonly lastArchivedAt: string | null;
  readonly waiting: number;
  readonly drill: {
    readonly last: { readonly at: string; readonly result: string };
    readonly good: { readonly at: string; readonly rtoMs: number; readonly rpoMs: number | null } | null;
  } | null;
}

const NONE = '–';
const orNone = (value: string | number | null): string => (value === null ? NONE : String(value));
const mark = (isGood: boolean): string => (isGood ? chalk.green('ok') : chalk.red('down'));

/** The cluster as a person reads it: the verdict, what is wrong, then members, services and endpoints. */
export function renderStatus(picture: ShownCluster): string {
  const verdict = picture.isDegraded ? chalk.red('degraded') : chalk.green('healthy');
  return [
    `${chalk.bold(picture.cluster)}  ${verdict}`,
    ...picture.problems.map(problemLine),
    `${chalk.dim('durability')}  ${picture.durability.guarantee}: ${picture.durability.text}`,
    ...(picture.outages === null ? [] : [renderOutages(picture.outages)]),
    ...(picture.archive === null ? [] : [archiveLine(picture.archive, picture.at)]),
    ...drillLines(picture.archive?.drill ?? null, picture.at),
    driftLine(picture.drift),
    '',
    memberTable(picture.members),
    '',
    serviceTable(picture),
    '',
    endpointTable(picture),
  ].join('\n');
}

function archiveLine({ lastBackup, lastArchivedAt, waiting }: ShownArchive, at: string): string {
  const ago = (then: string): string => `${duration(Math.max(0, Date.parse(at) - Date.parse(then)))} ago`;
  const backup =
    lastBackup === null ? 'no backup known' : `last backup ${lastBackup.label}, ${ago(lastBackup.endedAt)}`;
  const wal = lastArchivedAt === null ? 'no WAL archived yet' : `last WAL ${ago(lastArchivedAt)}`;
  return `${chalk.dim('archive')}     ${backup}; ${wal}${waiting === 0 ? '' : `, ${waiting} waiting`}`;
}

/** What differs is among the problems; this line says that it was looked for. */
function driftLine({ hostsBehind, changedFiles }: ShownCluster['drift']): string {
  const isNone = hostsBehind.length + changedFiles.length === 0;
  return `${chalk.dim('drift')}       ${isNone ? 'none since the last `apply`' : 'yes, see above'}`;
}

function drillLines(drill: ShownArchive['drill'], at: string): string[] {
  if (drill === null) return [];
  const { last, good } = drill;
  const ago = (then: string): string => `${duration(Math.max(0, Date.parse(at) - Date.parse(then)))} ago`;
  const measured =
    good === null
      ? ''
      : `; back after ${duration(good.rtoMs)}, ${good.rpoMs === null ? 'unknown' : duration(good.rpoMs)} lost (${ago(good.at)})`;
  return [`${chalk.dim('drill')}       the last restore drill ${last.result} ${ago(last.at)}${measured}`];
}

function memberTable(members: readonly ShownMember[]): string {
  return table(
    [
      'member',
      'zone',
      'role',
      'state',
      'sync',
      { heading: 'TL', align: 'right' },
      { heading: 'lag', align: 'right' },
      { heading: 'connections', align: 'right' },
    ],
    members.map((each) => [
      each.role === 'primary' ? chalk.bold(each.name) : each.name,
      each.zone,
      orNone(each.role),
      each.isReachable ? orNone(each.state) : chalk.red('unreachable'),
      orNone(each.sync),
      orNone(each.timeline),
      lagText(each),
      each.connections === null ? NONE : `${each.connections}/${orNone(each.connectionsMax)}`,
    ]),
  );
}

function lagText({ lagBytes, lagSeconds }: ShownMember): string {
  if (lagBytes === null) return NONE;
  return lagSeconds === null || lagSeconds === 0
    ? bytes(lagBytes)
    : `${bytes(lagBytes)}, ${duration(lagSeconds * 1000)}`;
}

function serviceTable(picture: ShownCluster): string {
  const { etcd, poolers, proxies, certificates } = picture;
  const hosts = [...new Set([...etcd, ...poolers, ...proxies, ...certificates].map(({ host }) => host))].sort();
  return table(
    ['host', 'etcd', 'pooler', 'clients', 'servers', 'proxy', 'sessions', 'certificate'],
    hosts.map((host) => {
      const member = etcd.find((each) => each.host === host);
      const processes = poolers.filter((each) => each.host === host);
      const proxy = proxies.find((each) => each.host === host);
      const days = certificates.find((each) => each.host === host)?.daysLeft;
      return [
        host,
        member === undefined ? NONE : `${mark(member.isHealthy)}${member.isLeader ? ' leader' : ''}`,
        processes.length === 0 ? NONE : poolerText(processes),
        processes.length === 0 ? NONE : clientText(processes),
        processes.length === 0 ? NONE : serverText(processes),
        proxy === undefined ? NONE : mark(proxy.isUp),
        orNone(proxy?.sessions ?? null),
        days === undefined ? NONE : `${days} days`,
      ];
    }),
  );
}

function poolerText(processes: readonly ShownPooler[]): string {
  const up = processes.filter(({ isUp }) => isUp).length;
  return up === processes.length ? `${mark(true)} ${up}` : `${mark(false)} ${up}/${processes.length}`;
}

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, each) => total + (each ?? 0), 0);

function clientText(processes: readonly ShownPooler[]): string {
  const waiting = sum(processes.map((each) => each.clientsWaiting));
  const active = sum(processes.map((each) => each.clientsActive));
  return waiting === 0 ? `${active}` : `${active} + ${waiting} waiting`;
}

function serverText(processes: readonly ShownPooler[]): string {
  return `${sum(processes.map((each) => each.serversActive))} + ${sum(processes.map((each) => each.serversIdle))} idle`;
}

function endpointTable({ endpoints }: ShownCluster): string {
  return table(
    ['endpoint', 'address', 'held by', 'serves', 'state'],
    endpoints.map(({ name, hosts, port, vip, vipHolders, isServing, members }) => [
      name,
      hosts.map((host) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join(' '),
      vip === null ? NONE : vipHolders.join(', ') || NONE,
      members.join(', ') || NONE,
      mark(isServing),
    ]),
  );
}
