import type { DrillSettings } from '../../agent/drill/settings.ts';
import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { AGENT, PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import type { Spec } from '../../spec/schema.ts';
import { sharedParameters } from '../../spec/shared-parameters.ts';
import { dataDirectory } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { archiveSettings } from './settings.ts';

const { drill: DRILL } = PGBACKREST;

/** Restore drills: what each member is told of them, and a timer; of all members one acts. */
export function drillResources(target: Target): Resource[] {
  const schedule = target.spec.backup?.drill?.schedule;
  return [
    directory({ path: DRILL.stateDirectory, owner: POSTGRES.user, group: POSTGRES.user, mode: '0750' }),
    file({
      path: DRILL.settingsFile,
      group: POSTGRES.user,
      mode: '0640',
      content: `${JSON.stringify(drillSettings(target), null, 2)}\n`,
    }),
    ...(schedule === undefined
      ? [service({ unit: DRILL.timer, enabled: false, state: 'stopped' })]
      : timer(target.spec, schedule)),
  ];
}

/** Where a drill restores to. */
export function scratchDirectory(spec: Spec): string {
  return `${dataDirectory(spec)}.drill`;
}

/** Properties of the unit that runs a drill: where it can write. The scratch directory has to be there. Pure. */
export function drillConfinement(spec: Spec): string[] {
  const places = [scratchDirectory(spec), DRILL.stateDirectory, `-${PGBACKREST.logDirectory}`];
  return ['ProtectSystem=strict', `ReadWritePaths=${places.join(' ')}`];
}

function timer(spec: Spec, calendar: string): Resource[] {
  const { unit, timer: timerUnit, settingsFile } = DRILL;
  const places = { scratchDirectory: scratchDirectory(spec), confinement: drillConfinement(spec) };
  const words = { ...AGENT, ...places, settingsFile, user: POSTGRES.user, group: PKI.group };
  return [
    unitFile({ unit, content: renderTemplate('pgbackrest/pgscale-drill.service', words) }),
    unitFile({
      unit: timerUnit,
      content: renderTemplate('pgbackrest/pgscale-drill.timer', { calendar }),
      notifies: [{ unit: timerUnit, how: 'restart' }],
    }),
    service({ unit: timerUnit, enabled: true, state: 'started' }),
  ];
}

/** What the drill of this host is told. Pure. */
export function drillSettings(target: Target): DrillSettings {
  const { spec } = target;
  const numbers = Object.entries(sharedParameters(spec)).filter(([, value]) => typeof value === 'number');
  return {
    archive: archiveSettings(target),
    scratchDirectory: scratchDirectory(spec),
    binDirectory: POSTGRES.binDirectory,
    live: { socketDirectory: POSTGRES.socketDirectory, port: spec.postgres.port },
    // Transactions that were prepared, and locks that they hold, need their room also here.
    parameters: numbers.map(([name, value]) => `${name} = ${String(value)}`),
    checks: [...(spec.backup?.drill?.checks ?? [])],
    outcomeFile: DRILL.outcomeFile,
  };
}
