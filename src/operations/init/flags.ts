import { parse } from 'yaml';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { SpecDraft } from '../../spec/written.ts';

/** The flags of `pgscale init`, as they come from the command line. */
export interface InitFlags {
  readonly cluster?: string | undefined;
  readonly host?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly 'ssh-port'?: number | undefined;
  readonly identity?: string | undefined;
  readonly 'known-hosts'?: string | undefined;
  readonly 'proxy-jump'?: string | undefined;
  readonly synchronous?: number | undefined;
  readonly vip?: readonly string[] | undefined;
  readonly 'endpoint-host'?: readonly string[] | undefined;
  readonly 'endpoint-port'?: readonly string[] | undefined;
  readonly database?: string | undefined;
  readonly owner?: string | undefined;
  readonly profile?: 'fast' | 'normal' | 'wan' | undefined;
  readonly backup?: readonly string[] | undefined;
  readonly secret?: readonly string[] | undefined;
}

/** The flags without which nothing can be written. */
export function missingFlags(flags: InitFlags): string[] {
  return [
    ...(flags.cluster === undefined ? ['--cluster NAME'] : []),
    ...((flags.host ?? []).length === 0 ? ['--host NAME=ADDRESS'] : []),
  ];
}

/**
 * What the flags say of the spec. Whether it makes sense is for `parseSpec` to say.
 * @throws PgscaleError PGS_USAGE for a flag that cannot be read.
 */
export function draftFromFlags(flags: InitFlags): SpecDraft {
  const { cluster = '', database, owner = database, profile, synchronous } = flags;
  const backup = (flags.backup ?? []).flatMap((each) => fields('--backup', each));
  const draft = {
    cluster,
    ssh: defined({
      user: flags.user,
      port: flags['ssh-port'],
      identityFile: flags.identity,
      knownHosts: flags['known-hosts'],
      proxyJump: flags['proxy-jump'],
    }),
    hosts: (flags.host ?? []).map(hostFromFlag),
    replication: defined({ synchronous }),
    failover: defined({ profile }),
    endpoints: endpoints(flags),
    databases: database === undefined ? [] : [{ name: database, owner }],
    roles: owner === undefined ? [] : [{ name: owner }],
    ...(backup.length > 0 && { backup: { repository: Object.fromEntries(backup) } }),
  };
  return draft as unknown as SpecDraft; // as checked as a file that somebody wrote: `parseSpec` comes next
}

/**
 * `repository.accessKey=env:NAME` as an entry. Only references: what is on a command line can be read by every process.
 * @throws PgscaleError PGS_USAGE
 */
export function secretsFromFlags(flags: InitFlags): Record<string, string> {
  const entries = (flags.secret ?? []).map((text) => pair('--secret', text));
  for (const [name, value] of entries) {
    if (/^(?:env|file|cmd):./u.test(value)) continue;
    throw usage(`--secret ${name}=… must be a reference`, 'expected env:NAME, file:PATH or cmd:COMMAND');
  }
  return Object.fromEntries(entries);
}

/** `name=address[,zone=a][,roles=database+dcs][,sshAddress=…]`. */
function hostFromFlag(text: string): Record<string, unknown> {
  const [first = '', ...rest] = text.split(',');
  const [name, address] = pair('--host', first);
  const others = rest.flatMap((each) => fields('--host', each));
  return { name, address, ...Object.fromEntries(others.map(([key, value]) => [key, hostField(key, value)])) };
}

function hostField(key: string, value: unknown): unknown {
  return key === 'roles' ? String(value).split('+') : String(value);
}

function endpoints(flags: InitFlags): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  const groups = [
    ['--vip', 'vip', flags.vip],
    ['--endpoint-host', 'host', flags['endpoint-host']],
    ['--endpoint-port', 'port', flags['endpoint-port']],
  ] as const;
  for (const [flag, key, texts] of groups) {
    for (const text of texts ?? []) {
      const [name, value] = pair(flag, text);
      found[name] = { ...found[name], [key]: key === 'port' ? Number(value) : value };
    }
  }
  return found;
}

/** `key=value,key=value`; values as YAML reads them: numbers, true, false, text. */
function fields(flag: string, text: string): [string, unknown][] {
  return text.split(',').map((each) => {
    const [key, value] = pair(flag, each);
    return [key, parse(value) as unknown];
  });
}

function pair(flag: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw usage(`${flag} ${text} cannot be read`, 'expected KEY=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}

function usage(what: string, why: string): PgscaleError {
  return new PgscaleError('PGS_USAGE', { what, why, next: ['pgscale init --help'] });
}

function defined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
