import { etcdReady } from '../../components/etcd/ready.ts';
import { readMember } from '../../components/patroni/client.ts';
import type { Target } from '../../components/component.ts';
import type { Host } from '../../host/host.ts';
import { converge } from '../../resources/converge.ts';
import { leaveNotices, notice } from '../../resources/notice.ts';
import { installPackages } from '../../resources/packages.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report, Step } from '../../run/step.ts';
import { PATRONI } from '../../spec/layout.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { readLag } from '../lag.ts';
import { heldStep, restartStep } from '../member-restart/step.ts';
import { watchUnit } from '../../host/unit.ts';
import type { HostUpgrade } from './plan.ts';
import { RESTARTS, type Service } from './services.ts';

const PACKAGES_DEADLINE_MS = 25 * 60_000;
const SERVICE_DEADLINE_MS = 150_000;
const COME_BACK_DEADLINE_MS = 120_000;
/** What a standby may have to replay yet when the next one begins. */
const CAUGHT_UP_BYTES = 1024 ** 2;

/** For the primary that stays where it is: the poolers hold their clients while it restarts. */
interface Hold {
  readonly primary: string;
  readonly pauseTimeoutMs: number;
}

/** All that is done on one host, in order. */
export function upgradeSteps(
  session: ClusterSession,
  target: Target,
  { packages, restarts }: HostUpgrade,
  hold: Hold | undefined,
): Step[] {
  const { name } = target.host;
  const host = session.host(name);
  const install: Step = {
    id: `upgrade-packages:${name}`,
    title: `Packages on ${name}`,
    host: name,
    deadlineMs: PACKAGES_DEADLINE_MS,
    run: (report, signal) =>
      installPackages(
        host,
        packages.map((each) => each.name),
        { report, signal },
      ),
  };
  const restart = (service: Service): Step => {
    if (service !== 'postgres') return serviceStep(host, target, service);
    const step = restartStep(session, target.host, undefined);
    return hold === undefined ? step : heldStep(session, step, hold);
  };
  return [
    ...(packages.length === 0 ? [] : [install]),
    ...restarts.map(restart),
    ...(target.host.roles.includes('database') ? [caughtUpStep(session, target)] : []),
  ];
}

function serviceStep(host: Host, target: Target, service: Exclude<Service, 'postgres'>): Step {
  const notification = RESTARTS[service];
  const { unit, how } = notification;
  return {
    id: `upgrade-${service}:${host.name}`,
    title: `${how === 'reload' ? 'Reload' : 'Restart'} ${service} on ${host.name}`,
    host: host.name,
    deadlineMs: SERVICE_DEADLINE_MS,
    run: async (report, signal) => {
      await leaveNotices(host, [notification]);
      await converge(host, [notice(unit)], { report, signal });
      if (service === 'etcd') await etcdReady(host, target, signal);
      else if (service === 'patroni') await patroniAnswers(host, target, report, signal);
      else if (!unit.includes('*')) await (await watchUnit(host, unit))();
    },
  };
}

async function patroniAnswers(host: Host, target: Target, report: Report, signal: AbortSignal): Promise<void> {
  report('waiting for Patroni');
  const refuseFailed = await watchUnit(host, PATRONI.unit);
  const wait = {
    what: `Patroni on ${host.name} to answer`,
    host: host.name,
    deadlineMs: COME_BACK_DEADLINE_MS,
    signal,
  };
  await waitFor(wait, async () => {
    const member = await readMember(host, target);
    if (member === undefined) await refuseFailed();
    return member;
  });
}

/** A standby streams again and has replayed what there is; the primary takes writes. */
function caughtUpStep(session: ClusterSession, { host }: Target): Step {
  return {
    id: `upgrade-settled:${host.name}`,
    title: `${host.name} streams and has caught up`,
    host: host.name,
    deadlineMs: COME_BACK_DEADLINE_MS + 10_000,
    run: async (report, signal) => {
      let seen = 'no answer';
      const what = `${host.name} to stream and catch up`;
      const why = async (): Promise<string> => seen;
      await waitFor(
        { what, host: host.name, deadlineMs: COME_BACK_DEADLINE_MS, pollMs: 500, signal, why },
        async () => {
          const { primary, standbys } = await readLag(session);
          if (primary === host.name) return true;
          const own = standbys.find(({ name }) => name === host.name);
          seen = own === undefined ? 'it does not stream' : `${own.state}, ${own.replayLagBytes ?? 0} bytes behind`;
          report(seen);
          return own?.state === 'streaming' && (own.replayLagBytes ?? 0) <= CAUGHT_UP_BYTES ? true : undefined;
        },
      );
    },
  };
}
