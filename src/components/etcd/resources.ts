import { directory } from '../../resources/directory.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { dropIn } from '../../resources/unit-file.ts';
import { componentDirectory, ETCD, PKI } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { etcdConfigFile } from './config-file.ts';
import { etcdSettings } from './settings.ts';

/** etcd says that it is ready only when a majority is there, so the start does not wait; `ready` does. */
export function etcdResources(target: Target): Resource[] {
  const { unit, configFile, dataDirectory } = ETCD;
  const notifies = [{ unit, how: 'restart' as const }];
  return [
    directory({ path: componentDirectory('etcd') }),
    directory({ path: dataDirectory, owner: 'etcd', group: 'etcd', mode: '0700' }),
    etcdConfigFile(renderTemplate('etcd/etcd.yml', etcdSettings(target)), notifies),
    dropIn({
      unit,
      content: renderTemplate('etcd/etcd.service.conf', { configFile, group: PKI.group }),
      notifies,
    }),
    service({ unit, enabled: true, state: 'started', noBlock: true }),
  ];
}
