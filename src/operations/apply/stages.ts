import { etcd } from '../../components/etcd/index.ts';
import { COMPONENTS } from '../../components/index.ts';
import type { Stage } from '../../run/step.ts';
import type { Survey } from '../survey.ts';
import { clusterObjectsStage } from './cluster-objects.ts';
import { componentStages, packageStage } from './component-stage.ts';
import { etcdJoinStage } from './etcd-join.ts';
import { firstDataPlace, type FirstData } from './first-data.ts';
import { primaryStage } from './primary.ts';
import { repositoryStage } from './repository-stage.ts';
import { restartStage } from './restart.ts';
import { settingsStage } from './settings-stage.ts';
import { standbyStage, type SeedOptions } from './standby.ts';
import { settledStage } from './settled.ts';

export interface StageOptions extends SeedOptions {
  /** Makes the data of a cluster that has none, in place of initdb. */
  firstData?: FirstData;
}

/**
 * All that `apply` does, in order; stages without a difference are left out, so that an unchanged cluster has none.
 * `plan` shows the same list. Pure: the steps touch hosts only when they run.
 */
export function applyStages(survey: Survey, options: StageOptions = {}): Stage[] {
  const changes = [
    packageStage(survey),
    proofStage(survey, options),
    ...COMPONENTS.flatMap((component) => [
      ...(component === etcd ? [etcdJoinStage(survey)] : []),
      ...componentStages(survey, component),
    ]),
    primaryStage(survey, options.firstData),
    clusterObjectsStage(survey),
    // Before the copies: a source must have read the pg_hba.conf that lets the new standbys in.
    settingsStage(survey),
    standbyStage(survey, options),
    restartStage(survey),
    repositoryStage(survey),
  ].filter((stage) => stage.steps.length > 0);
  return changes.length === 0 ? [] : [...changes, settledStage(survey)];
}

function proofStage(survey: Survey, { firstData }: StageOptions): Stage {
  const place = firstDataPlace(survey);
  return { title: 'Proof', steps: place === undefined ? [] : (firstData?.prove(place) ?? []), serial: true };
}
