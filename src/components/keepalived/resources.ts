import { directory } from '../../resources/directory.ts';
import { absentFile, file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { dropIn } from '../../resources/unit-file.ts';
import { componentDirectory, KEEPALIVED } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { keepalivedSettings, REACH_SCRIPT } from './settings.ts';

/** The floating addresses of a host. Where a spec has none (any more), a restart without a configuration stops it. */
export function keepalivedResources(target: Target): Resource[] {
  const { unit, configFile } = KEEPALIVED;
  const settings = keepalivedSettings(target);
  if (settings === undefined) return [absentFile(configFile, [{ unit, how: 'restart' }])];
  return [
    directory({ path: componentDirectory('keepalived') }),
    file({ path: REACH_SCRIPT, content: renderTemplate('keepalived/reaches-others.sh', settings), mode: '0755' }),
    file({
      path: configFile,
      content: renderTemplate('keepalived/keepalived.conf', settings),
      mode: '0600',
      secret: 'values',
      notifies: [{ unit, how: 'reload' }],
    }),
    dropIn({
      unit,
      content: renderTemplate('keepalived/keepalived.service.conf', { configFile }),
      notifies: [{ unit, how: 'restart' }],
    }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}
