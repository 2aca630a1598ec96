import { cmd, sh, type Command } from '../host/command.ts';
import { resource, type Change, type Resource } from './resource.ts';

export interface ServiceDefinition {
  unit: string;
  enabled: boolean;
  /** unmanaged: only whether it is enabled counts; something else starts and stops it. */
  state: 'started' | 'stopped' | 'unmanaged';
  /** Do not wait until the unit says that it is ready (etcd waits for its peers). */
  noBlock?: boolean;
}

interface ServiceState {
  isEnabled: boolean;
  activeState: string;
}

/** Whether a systemd unit is enabled and running. */
export function service(definition: ServiceDefinition): Resource {
  const { unit } = definition;
  return resource<ServiceState>({
    id: `service:${unit}`,
    read: async (reader) => {
      const answer = await reader.read(sh`systemctl show -p ActiveState -p UnitFileState ${unit}`);
      const [, activeState = 'inactive'] = /^ActiveState=(.*)$/mu.exec(answer.stdout) ?? [];
      return { activeState, isEnabled: /^UnitFileState=enabled/mu.test(answer.stdout) };
    },
    diff: (actual) => serviceChange(definition, actual),
    apply: async (host, actual) => {
      await host.run(applyScript(definition, actual), { deadlineMs: 120_000 });
    },
  });
}

/** In one command, because a run of a host costs more than what systemctl does. */
function applyScript(definition: ServiceDefinition, actual: ServiceState): Command {
  const { unit, enabled, noBlock = false } = definition;
  const verb = wantedVerb(definition, actual);
  const lines = [
    sh`set -e`,
    ...(enabled === actual.isEnabled ? [] : [cmd('systemctl', enabled ? 'enable' : 'disable', unit)]),
    ...(verb === undefined
      ? []
      : [
          sh`systemctl reset-failed ${unit} 2>/dev/null || true`,
          cmd('systemctl', verb, ...(noBlock ? ['--no-block'] : []), unit),
        ]),
  ];
  return { script: lines.map(({ script }) => script).join('\n') };
}

function wantedVerb(definition: ServiceDefinition, actual: ServiceState): 'start' | 'stop' | undefined {
  const isRunning = ['active', 'activating', 'reloading'].includes(actual.activeState);
  if (definition.state === 'started' && !isRunning) return 'start';
  if (definition.state === 'stopped' && isRunning) return 'stop';
  return undefined;
}

/** What differs for a unit; pure. */
export function serviceChange(definition: ServiceDefinition, actual: ServiceState): Change | undefined {
  const changes: string[] = [];
  if (definition.enabled !== actual.isEnabled) changes.push(definition.enabled ? 'enable' : 'disable');
  const verb = wantedVerb(definition, actual);
  if (verb !== undefined) changes.push(verb);
  if (changes.length === 0) return undefined;
  return { action: verb === 'start' ? 'start' : 'update', summary: `${changes.join(' and ')} ${definition.unit}` };
}
