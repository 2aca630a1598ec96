import type { Route } from '../../../archive/target.ts';
import { bootstrapStatements } from '../../../components/postgres/initialise.ts';
import type { Step } from '../../../run/step.ts';
import type { FirstData } from '../../apply/first-data.ts';
import { refuseLostData } from '../../apply/primary.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import type { HostSurvey, Survey } from '../../survey.ts';
import type { Phase } from '../in-place/state.ts';
import { takePlaceSteps } from '../in-place/take-place.ts';
import { fullBackupStep } from '../full-backup-step.ts';
import type { SidePosition } from '../position.ts';
import { planRestore } from '../preflight.ts';
import type { RestoreTarget } from '../request.ts';
import { removalScript } from '../server.ts';
import { sideDirectory } from '../../../spec/restore-places.ts';
import { INTO_NEW, type Side } from '../side.ts';
import type { SideWork } from '../start-server.ts';
import { sideSteps } from '../side-steps.ts';
import { refuseTablespaces } from '../tablespaces.ts';
import { closeSource, openSource, refuseArchive, sourceArchive } from './source.ts';

const PROOF_DEADLINE_MS = 25 * 60_000;

/** By which backup and timeline it goes, and where the archive ended then; unknown when an earlier run has chosen. */
type Chosen = Pick<Side, 'backup' | 'timeline'> & Partial<Pick<SideWork, 'endLsn' | 'databaseBytes'>>;

export interface NewWork {
  /** The cluster that has the archive; none of its hosts has to answer. */
  readonly source: ClusterSession;
  readonly target: RestoreTarget;
  readonly timeline: number | undefined;
  readonly isExclusive: boolean;
  readonly copy: Omit<Side, 'backup' | 'timeline'>;
  /** How far an earlier run has come; undefined when there was none. */
  readonly phase: Phase | undefined;
  /** Backup and timeline; the proof chooses them. */
  chosen: Chosen | undefined;
  readonly reached: (position: SidePosition) => void;
}

/** The data of a new cluster out of the archive of another one, in place of initdb. */
export function dataFrom(work: NewWork): FirstData {
  return {
    prove: (place) => (work.phase === 'promoted' ? [] : [proofStep(work, place)]),
    make: (survey, place) => makeSteps(work, survey, place),
  };
}

/** What a proof has chosen. Pure. */
export function chosenFrom({ backup, timeline, endLsn }: Route): Chosen {
  return { backup: backup.label, timeline, endLsn, databaseBytes: backup.databaseBytes };
}

function proofStep(work: NewWork, place: HostSurvey): Step {
  const { source, target, timeline, phase } = work;
  const { host } = place;
  const archive = sourceArchive(source.spec);
  return {
    id: 'restore-proof',
    title: `The archive of ${source.spec.cluster} leads to the moment`,
    host: host.name,
    deadlineMs: PROOF_DEADLINE_MS,
    run: async (report, signal) => {
      await openSource(source, place, { report, signal });
      if (phase === 'restored') return;
      report('reading the archive');
      const from = { reader: host, archive, host, directory: sideDirectory(place.target.spec, INTO_NEW) };
      const { route } = await planRestore(source, from, target.target, timeline);
      await refuseTablespaces(host, archive, route.backup.label, 'into new hosts');
      work.chosen = chosenFrom(route);
    },
    undo: async () => {
      // A copy that is being replayed needs it.
      if (phase !== 'restored') await closeSource(host);
    },
  };
}

function makeSteps(
  work: NewWork,
  survey: Survey,
  { host, target: { spec, host: hostSpec, secrets } }: HostSurvey,
): Step[] {
  const { copy, phase, target, isExclusive, reached } = work;
  const archive = sourceArchive(work.source.spec);
  const steps = sideSteps({ host, side: { ...copy, ...work.chosen } }, () => {
    if (work.chosen === undefined) throw new Error('the proof comes first');
    const { backup, timeline, endLsn, databaseBytes } = work.chosen;
    return {
      host,
      hostSpec,
      side: { ...copy, backup, timeline },
      files: { spec, archive, name: INTO_NEW, target, isExclusive, backup, timeline },
      endLsn,
      databaseBytes,
      reached,
    };
  });
  const statements = bootstrapStatements(secrets);
  return [
    ...(phase === undefined ? [emptyStep(survey, host)] : []),
    ...steps.filter((_, index) => index >= doneOf(phase)),
    ...takePlaceSteps({ session: survey.session, host, side: copy, statements }),
  ];
}

/** How many steps of the copy an earlier run has behind it. */
function doneOf(phase: Phase | undefined): number {
  if (phase === 'promoted' || phase === 'swapped') return Number.POSITIVE_INFINITY;
  return phase === 'restored' ? 1 : 0;
}

/** Nothing of a cluster of this name is anywhere that the restored one would be taken for. */
function emptyStep(survey: Survey, host: HostSurvey['host']): Step {
  return {
    id: 'restore-empty',
    title: `No archive of ${survey.session.spec.cluster} yet`,
    host: host.name,
    deadlineMs: 60_000,
    run: async () => {
      await refuseLostData(survey);
      await refuseArchive(host, survey.session.spec);
    },
  };
}

/** What comes when the new cluster is whole. */
export function endSteps(session: ClusterSession, host: HostSurvey['host']): Step[] {
  const { spec } = session;
  const tidy: Step = {
    id: 'into-new-tidy',
    title: 'Tidy up; the way into the other archive goes',
    host: host.name,
    deadlineMs: 300_000,
    run: async () => {
      await host.run({ script: removalScript(spec, INTO_NEW) }, { deadlineMs: 300_000 });
    },
  };
  return [...(spec.backup === undefined ? [] : [fullBackupStep(session)]), tidy];
}
