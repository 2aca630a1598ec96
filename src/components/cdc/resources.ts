import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { sqlRole } from '../../resources/sql-role.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { cdcRole } from '../../spec/cdc.ts';
import { AGENT, CDC, componentDirectory, POSTGRES } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { slotSettings } from './settings.ts';

/** The upkeep runs on every member and asks its own PostgreSQL what it is, so that it follows a failover by itself. */
export function cdcResources(target: Target): Resource[] {
  const { unit, settingsFile } = CDC;
  if (target.spec.cdc.length === 0) return [service({ unit, enabled: false, state: 'stopped' })];
  const notifies = [{ unit, how: 'restart' as const }];
  const words = { runtime: AGENT.runtime, programFile: AGENT.programFile, settingsFile, user: POSTGRES.user };
  return [
    directory({ path: componentDirectory('cdc') }),
    file({ path: settingsFile, content: `${JSON.stringify(slotSettings(target), null, 2)}\n`, notifies }),
    unitFile({ unit, content: renderTemplate('cdc/pgscale-slots.service', words), notifies }),
    service({ unit, enabled: true, state: 'started' }),
  ];
}

/** What a consumer may do beyond reading its tables, which `cdc create` grants when they are there. */
export function cdcClusterResources({ spec, secrets }: Target): Resource[] {
  return spec.cdc.map((stream) => {
    const name = cdcRole(stream);
    const attributes = { replication: true, connectionLimit: CONNECTIONS_MAX };
    return sqlRole({ port: spec.postgres.port, name, password: secrets.roles[name] ?? '', attributes });
  });
}

/** One that streams, some that take a snapshot, and those of a consumer that is just taking over. */
const CONNECTIONS_MAX = 10;
