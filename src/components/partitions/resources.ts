import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { AGENT, componentDirectory, PARTITIONS, PKI, POSTGRES } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { rotationSettings } from './settings.ts';
import { archiveStore } from './store.ts';

/** The timer runs on every member, so that rotation follows a failover by itself; each asks Patroni when it acts. */
export function partitionsResources(target: Target): Resource[] {
  const { unit, timer, settingsFile } = PARTITIONS;
  if (target.spec.partitions.length === 0) return [service({ unit: timer, enabled: false, state: 'stopped' })];
  const notifies = [{ unit: timer, how: 'restart' as const }];
  const words = { programFile: AGENT.programFile, settingsFile, user: POSTGRES.user, group: PKI.group };
  return [
    directory({ path: componentDirectory('partitions') }),
    file({ path: settingsFile, content: `${JSON.stringify(rotationSettings(target), null, 2)}\n` }),
    ...storeFile(target),
    unitFile({ unit, content: renderTemplate('partitions/pgscale-partitions.service', words) }),
    unitFile({ unit: timer, content: renderTemplate('partitions/pgscale-partitions.timer', words), notifies }),
    service({ unit: timer, enabled: true, state: 'started' }),
  ];
}

/** The keys of the store are in this file, and nowhere else. */
function storeFile(target: Target): Resource[] {
  const store = archiveStore(target);
  if (store === undefined) return [];
  const content = `${JSON.stringify(store, null, 2)}\n`;
  return [file({ path: PARTITIONS.storeFile, content, group: POSTGRES.user, mode: '0640', secret: 'values' })];
}
