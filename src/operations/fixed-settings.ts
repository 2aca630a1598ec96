import { fixedSettings, type RunningFiles } from '../cluster/fixed-settings.ts';
import { ETCD_CONFIG_ID, type EtcdConfigState } from '../components/etcd/config-file.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import type { RemoteFile } from '../host/host.ts';
import { PATRONI } from '../spec/layout.ts';
import type { Spec } from '../spec/schema.ts';
import type { HostSurvey } from './survey.ts';

const ANOTHER_CLUSTER =
  'For the new value make another cluster on other hosts: `pgscale restore --into new --spec NEW.yaml --latest` where there is a `backup`, or a dump.';

/** Keeps a spec away from a cluster that would break half-way. @throws PgscaleError PGS_SETTING_FIXED */
export function refuseFixedSettings(spec: Spec, hosts: readonly HostSurvey[]): void {
  const fixed = fixedSettings(spec, hosts.map(runningFiles));
  if (fixed.length === 0) return;
  const names = [...new Set(fixed.map(({ setting }) => setting))];
  throw new PgscaleError('PGS_SETTING_FIXED', {
    what: `${names.join(', ')} cannot be changed in a cluster that is there; nothing was changed`,
    why: fixed
      .map(
        ({ setting, running, wanted, hosts: on, why }) =>
          `${setting} is ${running} on ${on.join(', ')}, and the spec says ${wanted}: ${why}`,
      )
      .join('\n'),
    next: [
      ...fixed.map(({ setting, running }) => `Put \`${setting}: ${running}\` back into the spec.`),
      ANOTHER_CLUSTER,
    ],
    details: { settings: fixed },
  });
}

/** A host whose member has no data yet has nothing that could break. */
function runningFiles({ target, member, applied, layers }: HostSurvey): RunningFiles {
  const actualOf = (id: string): unknown =>
    layers.flatMap(({ findings }) => findings).find(({ resource }) => resource.id === id)?.actual;
  const isMember =
    member !== undefined && (member.isPatroniRunning || member.data === 'whole' || applied !== undefined);
  const patroni = actualOf(`file:${PATRONI.configFile}`) as RemoteFile | undefined;
  const etcd = actualOf(ETCD_CONFIG_ID) as EtcdConfigState | undefined;
  return {
    host: target.host.name,
    patroni: isMember ? patroni?.content : undefined,
    etcd: etcd?.hasData === true ? etcd.file?.content : undefined,
  };
}
