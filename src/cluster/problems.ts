import { floatingAddresses } from '../components/keepalived/settings.ts';
import { CDC, KEEPALIVED, PARTITIONS, PATRONI, PGBACKREST } from '../spec/layout.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import { dataDirectory, hostsWithRole, needsBackupServer } from '../spec/topology.ts';
import { archiveProblems } from './archive.ts';
import { driftProblems } from './drift.ts';
import { primariesOf, type Reports } from './members.ts';
import { partitionProblems } from './partition-problems.ts';
import type { ClusterPicture, Problem } from './picture.ts';
import { slotProblems } from './slots.ts';

type Picture = Omit<ClusterPicture, 'problems' | 'isDegraded'>;
type Rule = (spec: Spec, picture: Picture, reports: Reports) => Problem[];

const CERTIFICATE_NOTICE_DAYS = 30;
const BYTES_PER_MB = 1024 * 1024;
/** Four segments of WAL. */
const DATA_FREE_BYTES_MIN = 64 * BYTES_PER_MB;

/** Everything that is not as the spec promises, the gravest first. Pure. */
export function problemsOf(spec: Spec, reports: Reports, picture: Picture): Problem[] {
  return RULES.flatMap((rule) => rule(spec, picture, reports));
}

function degraded(id: string, text: string, host?: string): Problem {
  return { id, severity: 'degraded', text, ...(host === undefined ? {} : { host }) };
}

const unreachableHosts: Rule = (_spec, _picture, reports) =>
  [...reports.values()].flatMap(({ host, unreachable }) =>
    unreachable === undefined ? [] : degraded('host-unreachable', unreachable, host),
  );

/** Said with what no host that answers has: one that does not answer may have it, and often all is well there. Pure. */
function butUnasked(hosts: readonly HostSpec[], reports: Reports): string {
  const names = hosts.map(({ name }) => name);
  const unasked = names.filter((name) => reports.get(name)?.unreachable !== undefined);
  if (unasked.length === 0) return '';
  return unasked.length === names.length
    ? ', as far as is known: no host could be asked'
    : `, of those that could be asked (not ${unasked.join(', ')})`;
}

const leadership: Rule = (spec, picture, reports) => {
  const primaries = primariesOf(reports).map(({ host }) => host);
  if (primaries.length === 0)
    return [degraded('no-leader', `no member takes writes${butUnasked(hostsWithRole(spec, 'database'), reports)}`)];
  if (primaries.length > 1) return [degraded('two-primaries', `${primaries.join(' and ')} both take writes`)];
  return picture.isPaused ? [degraded('paused', 'Patroni is paused: nothing fails over until `pgscale resume`')] : [];
};

/** Its members stay stopped until it ends: whoever finds them so has to know why. */
const goingBack: Rule = (_spec, _picture, reports) =>
  [...reports.values()].flatMap(({ host, archive: report }) =>
    report?.goingBackTo === undefined
      ? []
      : degraded(
          'restore-unfinished',
          `a restore in place (${report.goingBackTo}) is under way or was cut off: the same command again ends it, \`pgscale restore drop in-place\` goes back`,
          host,
        ),
  );

const standbys: Rule = (spec, picture) => {
  const streaming = new Set(picture.replication.filter(({ state }) => state === 'streaming').map(({ name }) => name));
  const expected = hostsWithRole(spec, 'database').filter(({ name }) => name !== picture.leader);
  if (picture.leader === null) return [];
  return expected.flatMap(({ name }) => {
    if (streaming.has(name)) return [];
    const member = picture.members.find((each) => each.name === name);
    const state = member?.isReachable === true ? (member.state ?? 'PostgreSQL does not answer') : 'not reachable';
    return degraded(
      'standby-missing',
      `the standby does not stream from ${picture.leader ?? 'a primary'} (${state})`,
      name,
    );
  });
};

/** A run that was to remove or seed it anew, and was cut off, leaves it so. */
const drained: Rule = (_spec, { members, proxies }) =>
  members.flatMap(({ name, role, state }) => {
    const closed = proxies.filter((proxy) => proxy.drained.includes(name)).map(({ host }) => host);
    if (role !== 'standby' || state !== 'streaming' || closed.length === 0) return [];
    const text = `streams, and HAProxy on ${closed.join(', ')} gives it no reads (maint); \`pgscale apply\` lets it in again`;
    return degraded('standby-drained', text, name);
  });

const timelines: Rule = (_spec, picture) =>
  picture.members.flatMap(({ name, timeline, role }) =>
    role === 'standby' && timeline !== null && picture.timeline !== null && timeline !== picture.timeline
      ? degraded('timeline', `is on timeline ${timeline}, the primary on ${picture.timeline}`, name)
      : [],
  );

const guarantee: Rule = (_spec, { durability, leader }) => {
  const { guarantee: held, wanted, text } = durability;
  if (leader === null || held === 'synchronous' || wanted === 0) return [];
  return [degraded('durability', `${wanted} synchronous wanted: ${text}`)];
};

const lag: Rule = (spec, picture) =>
  picture.members.flatMap(({ name, lagBytes }) =>
    lagBytes !== null && lagBytes > spec.endpoints.replicaMaxLagMb * BYTES_PER_MB
      ? degraded(
          'lag',
          `is ${Math.round(lagBytes / BYTES_PER_MB)} MB behind, ${spec.endpoints.replicaMaxLagMb} are allowed`,
          name,
        )
      : [],
  );

const etcd: Rule = (_spec, { etcd: members }) => {
  const healthy = members.filter(({ isHealthy }) => isHealthy).length;
  const down = members.filter(({ isHealthy }) => !isHealthy);
  const majority = Math.floor(members.length / 2) + 1;
  return [
    ...(healthy < majority
      ? [degraded('etcd-majority', `${healthy} of ${members.length} etcd members answer, ${majority} are needed`)]
      : []),
    ...down.map(({ host, problem }) => degraded('etcd-down', `etcd: ${problem ?? 'does not answer'}`, host)),
  ];
};

const doors: Rule = (spec, picture, reports) => {
  const isAsked = (host: string): boolean => reports.get(host)?.unreachable === undefined;
  const withoutPooler = hostsWithRole(spec, 'database').filter(
    ({ name }) => isAsked(name) && !picture.poolers.some(({ host }) => host === name),
  );
  return [
    ...withoutPooler.map(({ name }) => degraded('pooler-down', 'no PgBouncer is set up', name)),
    ...picture.poolers
      .filter(({ isUp }) => !isUp)
      .map(({ host, process }) => degraded('pooler-down', `PgBouncer process ${process} does not answer`, host)),
    ...picture.proxies
      .filter(({ host, isUp }) => !isUp && isAsked(host))
      .map(({ host }) => degraded('proxy-down', 'HAProxy does not answer', host)),
  ];
};

/** Units whose work no other probe sees: etcd, the poolers and HAProxy are asked themselves. */
const units: Rule = (spec, _picture, reports) =>
  spec.hosts.flatMap((host) => {
    const report = reports.get(host.name);
    if (report === undefined || report.unreachable !== undefined) return [];
    const wanted = [
      ...(host.roles.includes('database') ? [PATRONI.unit] : []),
      ...(host.roles.includes('database') && needsBackupServer(spec) ? [PGBACKREST.unit] : []),
      ...(floatingAddresses(spec, host).length > 0 ? [KEEPALIVED.unit] : []),
      ...(host.roles.includes('database') && spec.partitions.length > 0 ? [PARTITIONS.timer] : []),
      ...(host.roles.includes('database') && spec.cdc.length > 0 ? [CDC.unit] : []),
    ];
    return wanted.flatMap((unit) => {
      const state = report.units.get(unit) ?? 'unknown';
      if (state !== 'active') return { ...degraded('unit-down', `${unit} is ${state}`, host.name), unit };
      const isSilent = unit === PATRONI.unit && report.patroni === undefined;
      return isSilent ? degraded('patroni-down', 'Patroni runs and does not answer', host.name) : [];
    });
  });

/** https://patroni.readthedocs.io/en/latest/dcs_failsafe_mode.html */
const failsafe: Rule = (_spec, _picture, reports) =>
  primariesOf(reports).flatMap(({ host, patroni }) =>
    patroni?.isFailsafe === true
      ? degraded(
          'failsafe',
          'goes on without etcd because every other member answers it; when one of them is lost, writes stop',
          host,
        )
      : [],
  );

/** A member that cannot write its log stops at once, and does not come back before there is room again. */
const disks: Rule = (spec, _picture, reports) =>
  [...reports.values()].flatMap(({ host, dataFreeBytes }) =>
    dataFreeBytes === undefined || dataFreeBytes >= DATA_FREE_BYTES_MIN
      ? []
      : degraded(
          'disk-full',
          `${Math.floor(dataFreeBytes / BYTES_PER_MB)} MB are free for ${dataDirectory(spec)}: PostgreSQL stops when it cannot write its log`,
          host,
        ),
  );

const endpoints: Rule = (spec, picture, reports) =>
  picture.endpoints.flatMap(({ name, vip, vipHolders, isServing }) => {
    const problems: Problem[] = [];
    if (vip !== null && vipHolders.length === 0)
      problems.push(degraded('vip-unheld', `no host holds ${vip} (${name})${butUnasked(spec.hosts, reports)}`));
    if (vipHolders.length > 1) {
      problems.push(degraded('vip-twice', `${vipHolders.join(' and ')} both hold ${vip ?? ''} (${name})`));
    }
    const isLone = name === 'replica' && hostsWithRole(spec, 'database').length === 1;
    if (!isServing && !isLone)
      problems.push(
        degraded('endpoint-down', `the endpoint ${name} has no member to connect to${butUnasked(spec.hosts, reports)}`),
      );
    return problems;
  });

const restarts: Rule = (_spec, picture) =>
  picture.members.flatMap(({ name, pendingRestart }) =>
    pendingRestart.length === 0
      ? []
      : degraded('pending-restart', `waits for a restart to take over ${pendingRestart.join(', ')}`, name),
  );

const certificates: Rule = (_spec, picture) =>
  picture.certificates.flatMap(({ host, daysLeft }) =>
    daysLeft >= CERTIFICATE_NOTICE_DAYS
      ? []
      : degraded(
          'certificate',
          daysLeft < 0
            ? 'the certificate has expired'
            : `the certificate expires in ${daysLeft} days; \`pgscale apply\` renews it`,
          host,
        ),
  );

/** By the primary: the others have the same tables, and their timers nothing to do. */
const partitions: Rule = (_spec, picture, reports) =>
  primariesOf(reports).flatMap(({ host, partitions: report }) =>
    report === undefined ? [] : partitionProblems(host, report, new Date(picture.at)),
  );

const archive: Rule = (spec, picture) => archiveProblems(spec, picture.archive, new Date(picture.at));

const slots: Rule = (spec, picture, reports) =>
  slotProblems(spec, picture.slots, primariesOf(reports)[0]?.slots !== undefined);

const drift: Rule = (_spec, picture) => driftProblems(picture.drift);

const RULES: readonly Rule[] = [
  leadership,
  goingBack,
  failsafe,
  unreachableHosts,
  disks,
  guarantee,
  standbys,
  drained,
  timelines,
  lag,
  endpoints,
  archive,
  etcd,
  doors,
  units,
  restarts,
  certificates,
  partitions,
  slots,
  drift,
];
