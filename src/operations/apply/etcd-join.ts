import { etcd } from '../../components/etcd/index.ts';
import { ETCD_CONFIG_ID, isJoining, type EtcdConfigState } from '../../components/etcd/config-file.ts';
import {
  addLearner,
  initialCluster,
  memberOf,
  promoteLearner,
  readEtcdMembers,
  removeEtcdMember,
  type EtcdMember,
  type EtcdPlace,
} from '../../components/etcd/members.ts';
import { etcdSettings, peerUrl } from '../../components/etcd/settings.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import { converge } from '../../resources/converge.ts';
import { renderTemplate } from '../../resources/template.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import { ETCD } from '../../spec/layout.ts';
import type { HostSurvey, LayerSurvey, Survey } from '../survey.ts';

const JOIN_DEADLINE_MS = 180_000;
/** etcd refuses a new member until the others have been connected for five seconds. */
const ACCEPT_DEADLINE_MS = 30_000;

/**
 * A dcs host without data joins the etcd that is there, one at a time: it gets the log as a learner, without a vote, and the
 * vote when it has caught up, so that the quorum never counts on a member that cannot answer yet.
 * https://etcd.io/docs/v3.5/op-guide/runtime-configuration/
 */
export function etcdJoinStage(survey: Survey): Stage {
  const joining = survey.primary === undefined ? [] : survey.hosts.filter((each) => configState(each) !== undefined);
  return { title: 'etcd members', steps: joining.map((each) => joinStep(survey, each)), serial: true };
}

/** Undefined where etcd is not meant to be, or is a member already. */
function configState(survey: HostSurvey): EtcdConfigState | undefined {
  const finding = layerOf(survey)?.findings.find(({ resource }) => resource.id === ETCD_CONFIG_ID);
  const state = finding?.actual as EtcdConfigState | undefined;
  return state !== undefined && isJoining(state) ? state : undefined;
}

function layerOf({ layers }: HostSurvey): LayerSurvey | undefined {
  return layers.find(({ component }) => component === etcd);
}

function joinStep(survey: Survey, joining: HostSurvey): Step {
  const { host, target } = joining;
  const { spec } = target;
  return {
    id: `etcd-join:${host.name}`,
    title: `etcd on ${host.name} joins`,
    host: host.name,
    deadlineMs: JOIN_DEADLINE_MS + ACCEPT_DEADLINE_MS,
    run: async (report, signal) => {
      const { place, members } = await etcdPlace(survey, host.name);
      const isStarted = (await host.read(sh`test -d ${`${ETCD.dataDirectory}/member`}`)).exitCode === 0;
      const known = memberOf(members, spec, target.host);
      if (!isStarted && known !== undefined && known.name !== '') {
        report('the member that was here before has lost its data and goes');
        await removeEtcdMember(place, known.id);
      }
      if (!isStarted) await startLearner({ place, joining }, report, signal);
      await promote({ place, joining }, report, signal);
      // The lines for the start are what they are on every host: the join is through, and nobody has to be told.
      await writeConfig(joining);
    },
  };
}

interface Joining {
  readonly place: EtcdPlace;
  readonly joining: HostSurvey;
}

/** A dcs host other than the one that joins whose etcd answers, and the members that it knows. @throws PgscaleError PGS_QUORUM */
async function etcdPlace(
  survey: Survey,
  except: string,
): Promise<{ place: EtcdPlace; members: readonly EtcdMember[] }> {
  const { spec } = survey.session;
  for (const { host, target } of survey.hosts) {
    if (host.name === except || !target.host.roles.includes('dcs')) continue;
    const members = await readEtcdMembers(host, spec, target.host);
    if (members !== undefined) return { place: { host, spec, hostSpec: target.host }, members };
  }
  throw new PgscaleError('PGS_QUORUM', { what: `no etcd answers that ${except} could join` });
}

async function startLearner({ place, joining }: Joining, report: Report, signal: AbortSignal): Promise<void> {
  const { host, target } = joining;
  const { spec } = target;
  report('announcing a learner');
  const wait = { what: `etcd to accept ${host.name}`, host: host.name, deadlineMs: ACCEPT_DEADLINE_MS, signal };
  let refusal = '';
  const members = await waitFor({ ...wait, pollMs: 1000, why: async () => refusal }, async () => {
    const listed = (await readEtcdMembers(place.host, spec, place.hostSpec)) ?? [];
    if (memberOf(listed, spec, target.host) !== undefined) return listed;
    await addLearner(place, target.host).catch((error: unknown) => {
      if (!(error instanceof PgscaleError)) throw error;
      refusal = error.why ?? '';
    });
    return undefined;
  });
  const others = layerOf(joining)?.resources.filter(({ id }) => id !== ETCD_CONFIG_ID && id !== `service:${ETCD.unit}`);
  await converge(host, others ?? [], { report, signal });
  const joins = initialCluster(members, { name: host.name, peerUrl: peerUrl(spec, target.host) });
  await writeConfig(joining, joins);
  await host.run(sh`systemctl restart --no-block ${ETCD.unit}`);
}

async function writeConfig({ host, target }: HostSurvey, joins?: string): Promise<void> {
  const content = renderTemplate('etcd/etcd.yml', etcdSettings(target, joins));
  await host.writeFile(ETCD.configFile, content, { owner: 'root', group: 'root', mode: '0644' });
}

async function promote({ place, joining }: Joining, report: Report, signal: AbortSignal): Promise<void> {
  const { host, target } = joining;
  const { spec } = target;
  report('waiting until it has the log');
  const wait = { what: `etcd on ${host.name} to catch up`, host: host.name, deadlineMs: JOIN_DEADLINE_MS, signal };
  const why = async (): Promise<string> =>
    (await host.read(sh`journalctl -u ${ETCD.unit} -n 15 --no-pager -o cat`)).stdout;
  await waitFor({ ...wait, pollMs: 500, why }, async () => {
    const member = memberOf((await readEtcdMembers(place.host, spec, place.hostSpec)) ?? [], spec, target.host);
    if (member === undefined || member.name === '') return undefined;
    return !member.isLearner || (await promoteLearner(place, member.id)) ? true : undefined;
  });
}
