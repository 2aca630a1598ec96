import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import { packages } from '../../resources/packages.ts';
import type { Notification, Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { AGENT, PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import { needsBackupServer } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { drillResources } from './drill.ts';
import { PGBACKREST_PACKAGE } from './package.ts';
import { archiveSettings, configurationSections, repositoryKey, sourceSections } from './settings.ts';

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
    ...repositoryFiles(target, PGBACKREST),
    file({
      ...owned,
      path: PGBACKREST.configFile,
      content: renderTemplate('pgbackrest/pgbackrest.conf', { sections: configurationSections(target) }),
      secret: 'values',
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

/** The way from a host into the archive of another cluster, to restore from there. */
export function sourceResources(
  source: Pick<Target, 'spec' | 'secrets'>,
  cpuCount: number,
  workDirectory: string,
): Resource[] {
  const sections = sourceSections(source, cpuCount, workDirectory);
  const content = renderTemplate('pgbackrest/pgbackrest.conf', { sections });
  return [
    packages([PGBACKREST_PACKAGE]),
    directory({ path: PGBACKREST.directory, group: POSTGRES.user, mode: '0750' }),
    ...repositoryFiles(source, PGBACKREST.source),
    file({ ...owned, path: PGBACKREST.source.configFile, content, secret: 'values' }),
  ];
}

function repositoryFiles(
  { spec, secrets }: Pick<Target, 'spec' | 'secrets'>,
  { caFile, keyFile }: { readonly caFile: string; readonly keyFile: string },
): Resource[] {
  const key = repositoryKey(spec, secrets);
  return [
    ...(spec.repositoryCa === undefined ? [] : [file({ ...owned, path: caFile, content: spec.repositoryCa })]),
    ...(key === undefined
      ? []
      : [
          file({
            path: keyFile,
            content: key,
            owner: POSTGRES.user,
            group: POSTGRES.user,
            mode: '0600',
            secret: 'whole',
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
