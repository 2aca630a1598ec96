import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import { program } from '../../resources/program.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { hasAgent } from '../../spec/agent.ts';
import { AGENT, componentDirectory } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { agentProgram } from './bundle.ts';
import { guardSettings } from './settings.ts';

/**
 * The program, for whoever starts it, and the guard. It watches from the start; until there is a data directory it sees
 * nothing that it could act on.
 */
export function agentResources(target: Target): Resource[] {
  const { guardUnit: unit, programDirectory, programFile, guardFile } = AGENT;
  const { spec } = target;
  const isGuarded = spec.failover.guard;
  const notifies = isGuarded ? [{ unit, how: 'restart' as const }] : [];
  const installed = [
    directory({ path: componentDirectory('agent') }),
    directory({ path: programDirectory }),
    program({ path: programFile, content: agentProgram(), notifies }),
  ];
  if (!isGuarded) return [...(hasAgent(spec) ? installed : []), service({ unit, enabled: false, state: 'stopped' })];
  return [
    ...installed,
    file({ path: guardFile, content: `${JSON.stringify(guardSettings(target), null, 2)}\n`, notifies }),
    unitFile({
      unit,
      content: renderTemplate('agent/pgscale-guard.service', { programFile, guardFile }),
      notifies,
    }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}
