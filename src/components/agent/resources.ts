import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import { program } from '../../resources/program.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { AGENT, CDC, componentDirectory } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { agentProgram } from './bundle.ts';
import { guardSettings } from './settings.ts';

/** The program is there in any case: the valve of the poolers needs it, too, and is started when the primary moves. */
export function agentResources(target: Target): Resource[] {
  const { guardUnit, programDirectory, programFile } = AGENT;
  const isGuarded = target.spec.failover.guard;
  const users = [...(isGuarded ? [guardUnit] : []), ...(target.spec.cdc.length > 0 ? [CDC.unit] : [])];
  const notifies = users.map((unit) => ({ unit, how: 'restart' as const }));
  return [
    directory({ path: programDirectory }),
    program({ path: programFile, content: agentProgram(), notifies }),
    ...(isGuarded ? guardResources(target) : [service({ unit: guardUnit, enabled: false, state: 'stopped' })]),
  ];
}

/** The guard watches from the start; until there is a data directory it sees nothing that it could act on. */
function guardResources(target: Target): Resource[] {
  const { guardUnit: unit, runtime, programFile, guardFile } = AGENT;
  const notifies = [{ unit, how: 'restart' as const }];
  return [
    directory({ path: componentDirectory('agent') }),
    file({
      path: guardFile,
      content: `${JSON.stringify(guardSettings(target), null, 2)}\n`,
      mode: '0600',
      secret: 'values',
      notifies,
    }),
    unitFile({
      unit,
      content: renderTemplate('agent/pgscale-guard.service', { runtime, programFile, guardFile }),
      notifies,
    }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}
