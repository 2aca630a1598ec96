import { dirname } from 'node:path/posix';

import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Notification, Resource } from '../../resources/resource.ts';
import { renderTemplate } from '../../resources/template.ts';
import { componentDirectory, PATRONI, POSTGRES } from '../../spec/layout.ts';
import { dataDirectory } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { accessFile } from './access-file.ts';
import { dataParent } from './data-parent.ts';
import { parameterFile } from './parameter-file.ts';

/** Patroni takes a reload on to PostgreSQL, and notes by itself which parameters wait for a restart. */
const RELOAD: readonly Notification[] = [{ unit: PATRONI.unit, how: 'reload' }];

/** The data directory itself is made by initdb or by the base backup; only its parent is made here. */
export function postgresResources(target: Target): Resource[] {
  const { user } = POSTGRES;
  const owned = { owner: 'root', group: user, mode: '0640', notifies: RELOAD };
  return [
    directory({ path: componentDirectory('postgres'), group: user, mode: '0750' }),
    dataParent(dirname(dataDirectory(target.spec)), user),
    // First, so that nothing else was changed when it is refused.
    accessFile(target),
    parameterFile(target, owned),
    file({ ...owned, path: POSTGRES.identFile, content: renderTemplate('postgres/pg_ident.conf', {}) }),
  ];
}
