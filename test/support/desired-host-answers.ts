import { createHash, createPublicKey } from 'node:crypto';

import { PKI } from '../../src/spec/layout.ts';
import type { Resource } from '../../src/resources/resource.ts';
import { sharedConfigTold, type Done } from './desired-host-apply.ts';

interface Question {
  readonly resource: Resource;
  readonly done: Done;
  readonly script: string;
}

/**
 * What a read of each kind of resource prints on a host that is as it should be, from what applying the resource did.
 * undefined: the command ends with 1.
 */
export const ANSWERS: Record<string, (question: Question) => string | undefined> = {
  file: fileAnswer,
  'cluster-marker': () => '',
  directory: directoryAnswer,
  group: () => 'pgscale:x:995:',
  sysctl: () => '',
  packages: ({ resource }) =>
    packageNames(resource)
      .map((name) => `${name} 99 ok`)
      .join('\n'),
  certificate: certificateAnswer,
  service: serviceAnswer,
  pgbouncer: () => '',
  haproxy: () => '',
  patroni: ({ done }) => sharedConfigTold(done),
  role: ({ done }) => rows(roleRow(statements(done))),
  database: databaseAnswer,
  function: () => rows({ isCurrent: true, isPublic: false, isGranted: true }),
};

/** What the member on a database host answers: whole, running, and with Patroni's REST API out of reach. */
export function memberAnswer(script: string, isPrimary: boolean): string | undefined {
  if (script.includes('pg_stat_replication')) return rows({ streaming: 99, synchronous: 99 });
  if (script.includes('/psql ')) return isPrimary ? 'primary' : '';
  if (script.includes('PG_VERSION')) return 'whole';
  if (script.startsWith('systemctl is-active')) return 'active';
  if (script.startsWith('systemctl show'))
    return 'ActiveState=inactive\nSubState=dead\nResult=success\nExecMainStatus=0';
  return undefined;
}

/** Text files are read, not asked for: a command is about a program, or a file that should not be there. */
function fileAnswer({ done }: Question): string | undefined {
  const [written] = done.files.values();
  if (written === undefined) return undefined;
  const digest = createHash('sha256').update(written.content).digest('hex');
  return `${digest} ${written.owner} ${written.group} ${written.mode.replace(/^0/u, '')}`;
}

function directoryAnswer({ done, script }: Question): string {
  const [, owner = '', group = '', mode = ''] =
    /^install -d -o (\S+) -g (\S+) -m 0?(\d+) /u.exec(done.runs[0]?.script ?? '') ?? [];
  return script.includes('%G') ? `${owner} ${group} ${mode}` : owner;
}

function serviceAnswer({ done }: Question): string {
  const did = (verb: string): boolean => done.runs.some(({ script }) => script.includes(`\nsystemctl ${verb} `));
  return [
    `ActiveState=${did('start') ? 'active' : 'inactive'}`,
    `UnitFileState=${did('enable') ? 'enabled' : 'disabled'}`,
  ].join('\n');
}

/** The plan of a host without packages names them all. */
function packageNames(resource: Resource): string[] {
  const change = resource.diff({ installed: new Map(), belowFloor: new Set() });
  return (change?.summary ?? '').replace(/^install /u, '').split(', ');
}

function certificateAnswer({ done }: Question): string {
  const { owner, group, mode, content } = done.files.get(PKI.key)!;
  const access = `${owner} ${group} ${mode.replace(/^0/u, '')}`;
  const publicKey = createPublicKey(content).export({ type: 'spki', format: 'pem' }).toString();
  return [access, access, 'same', publicKey].join('\n');
}

function databaseAnswer({ done, script }: Question): string {
  const sql = statements(done);
  if (!script.includes('pg_extension')) return rows({ owner: matched(sql, /^alter database .* owner to "(.*)";$/mu) });
  return rows(...[...sql.matchAll(/create extension if not exists "(.*?)"/gu)].map(([, name]) => ({ name })));
}

function roleRow(sql: string): object {
  return {
    login: sql.includes(' with login '),
    createdb: sql.includes(' createdb '),
    replication: sql.includes(' replication '),
    connectionLimit: Number(matched(sql, /connection limit (-?\d+)/u)),
    password: matched(sql, /password '(.*?)'/u),
    memberOf: [...sql.matchAll(/^grant "(.*)" to /gmu)].map(([, name]) => name),
    executes: [...sql.matchAll(/^grant execute /gmu)].map(() => true),
  };
}

function statements({ runs }: Done): string {
  return runs.map(({ stdin }) => stdin).join('\n');
}

/** Rows as psql prints them for us. */
function rows(...all: readonly object[]): string {
  return JSON.stringify(all);
}

function matched(text: string | undefined, pattern: RegExp): string {
  const found = pattern.exec(text ?? '')?.[1];
  if (found === undefined) throw new Error(`${pattern.source} is not in ${text ?? 'nothing'}`);
  return found;
}
