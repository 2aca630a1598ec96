import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Notification, Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { AGENT, PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import { needsBackupServer } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { drillResources } from './drill.ts';
import { archiveSettings, configurationSections, repositoryKey } from './settings.ts';

const owned = { owner: 'root', group: POSTGRES.user, mode: '0640' } as const;
const written = { owner: POSTGRES.user, group: POSTGRES.user, mode: '0750' } as const;

/** The same settings on every database host, and a server by which the others can back up from it. */
export function pgbackrestResources(target: Target): Resource[] {
  const { spec } = target;
  if (spec.backup === undefined) return [];
  const notifies: readonly Notification[] = needsBackupServer(spec) ? [{ unit: PGBACKREST.unit, how: 'reload' }] : [];
  return [
    directory({ path: PGBACKREST.directory, group: POSTGRES.user, mode: '0750' }),
    directory({ path: PGBACKREST.spoolDirectory, ...written }),
    directory({ path: PGBACKREST.lockDirectory, ...written }),
    ...repositoryFiles(target),
    file({
      ...owned,
      path: PGBACKREST.configFile,
      content: renderTemplate('pgbackrest/pgbackrest.conf', { sections: configurationSections(target) }),
      secret: true,
      notifies,
    }),
    file({
      path: PGBACKREST.archiveFile,
      group: POSTGRES.user,
      mode: '0640',
      content: `${JSON.stringify(archiveSettings(target), null, 2)}\n`,
    }),
    ...(needsBackupServer(spec) ? server() : []),
    ...schedule(spec.backup.schedule),
    ...drillResources(target),
  ];
}

function repositoryFiles({ spec, secrets }: Target): Resource[] {
  const key = repositoryKey(spec, secrets);
  return [
    ...(spec.repositoryCa === undefined
      ? []
      : [file({ ...owned, path: PGBACKREST.caFile, content: spec.repositoryCa })]),
    ...(key === undefined
      ? []
      : [
          file({
            path: PGBACKREST.keyFile,
            content: key,
            owner: POSTGRES.user,
            group: POSTGRES.user,
            mode: '0600',
            secret: true,
          }),
        ]),
  ];
}

/** The timers are on every member, so that the schedule goes on wherever the primary is; one member acts. */
function schedule({ full, differential }: { full: string; differential: string }): Resource[] {
  const { scheduledUnit: unit, archiveFile } = PGBACKREST;
  const content = renderTemplate('pgbackrest/pgscale-backup@.service', {
    runtime: AGENT.runtime,
    programFile: AGENT.programFile,
    archiveFile,
    user: POSTGRES.user,
    group: PKI.group,
  });
  return [unitFile({ unit, content }), ...timer('full', full), ...timer('diff', differential)];
}

function timer(type: 'full' | 'diff', calendar: string): Resource[] {
  const unit = PGBACKREST.timer(type);
  const content = renderTemplate('pgbackrest/pgscale-backup.timer', { type, calendar });
  return [
    unitFile({ unit, content, notifies: [{ unit, how: 'restart' }] }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}

function server(): Resource[] {
  const { unit, configFile } = PGBACKREST;
  const content = renderTemplate('pgbackrest/pgscale-pgbackrest.service', {
    configFile,
    user: POSTGRES.user,
    group: PKI.group,
  });
  return [
    unitFile({ unit, content, notifies: [{ unit, how: 'restart' }] }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}
