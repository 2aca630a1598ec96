import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { dropIn } from '../../resources/unit-file.ts';
import { componentDirectory, HAPROXY } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { noDrainedMembers } from './drained.ts';
import { proxyOpenFiles, proxySettings } from './settings.ts';

/**
 * A changed configuration is a reload: new connections get the new worker at once, and sessions of the old one go on.
 * A changed unit is a restart.
 */
export function haproxyResources(target: Target): Resource[] {
  const settings = proxySettings(target);
  const unit = HAPROXY.unit;
  return [
    directory({ path: componentDirectory('haproxy') }),
    file({
      path: HAPROXY.awaitMemberFile,
      content: renderTemplate('haproxy/await-member.lua', {}),
      notifies: [{ unit, how: 'reload' }],
    }),
    file({
      path: HAPROXY.configFile,
      content: renderTemplate('haproxy/haproxy.cfg', settings),
      notifies: [{ unit, how: 'reload' }],
    }),
    dropIn({
      unit,
      content: renderTemplate('haproxy/haproxy.service.conf', {
        configFile: HAPROXY.configFile,
        openFiles: proxyOpenFiles(settings),
      }),
      notifies: [{ unit, how: 'restart' }],
    }),
    service({ unit, enabled: true, state: 'started' }),
    noDrainedMembers(settings.members.map(({ name }) => name)),
  ];
}
