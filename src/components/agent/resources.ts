import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import { program } from '../../resources/program.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { AGENT, componentDirectory } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { agentProgram } from './bundle.ts';
import { guardSettings } from './settings.ts';

/** The guard watches from the start; until there is a data directory it sees nothing that it could act on. */
export function agentResources(target: Target): Resource[] {
  const { guardUnit: unit, programDirectory, programFile, guardFile } = AGENT;
  if (!target.spec.failover.guard) return [service({ unit, enabled: false, state: 'stopped' })];
  const notifies = [{ unit, how: 'restart' as const }];
  return [
    directory({ path: componentDirectory('agent') }),
    directory({ path: programDirectory }),
    program({ path: programFile, content: agentProgram(), notifies }),
    file({ path: guardFile, content: `${JSON.stringify(guardSettings(target), null, 2)}\n`, notifies }),
    unitFile({
      unit,
      content: renderTemplate('agent/pgscale-guard.service', { programFile, guardFile }),
      notifies,
    }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}
