import { cmd, sh } from '../host/command.ts';
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
      if (definition.enabled !== actual.isEnabled) await host.run(enablement(definition));
      const verb = wantedVerb(definition, actual);
      if (verb === undefined) return;
      await host.run(sh`systemctl reset-failed ${unit} 2>/dev/null || true`);
      await host.run(cmd('systemctl', verb, ...(definition.noBlock === true ? ['--no-block'] : []), unit), {
        deadlineMs: 120_000,
      });
    },
  });
}

function enablement(definition: ServiceDefinition): ReturnType<typeof cmd> {
  return cmd('systemctl', definition.enabled ? 'enable' : 'disable', definition.unit);
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
