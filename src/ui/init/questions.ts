import { confirm, input, number, select } from '@inquirer/prompts';

import type { SpecDraft } from '../../spec/written.ts';
import { identifierSchema, nameSchema } from '../../spec/values.ts';
import { CONTEXT } from '../prompt-context.ts';
import { askBackup } from './backup.ts';
import { askEndpoints } from './endpoints.ts';
import { askHosts, type TryConnection } from './hosts.ts';
import { orBlank, valid } from './valid.ts';

/** What came of the questions. */
export interface InitAnswers {
  readonly draft: SpecDraft;
  /** References to secrets, by name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Asks for everything that a new cluster needs; each answer is checked when it is given.
 *
 * @param known What the flags have said already; it becomes the default of its question.
 * @param tryConnection Logs in to a host, to see whether the answers are right.
 */
export async function askInit(known: SpecDraft, tryConnection: TryConnection): Promise<InitAnswers> {
  const cluster = await input(
    {
      message: 'Name of the cluster:',
      default: known.cluster === '' ? 'main' : known.cluster,
      validate: valid(nameSchema),
    },
    CONTEXT,
  );
  const ssh = await askSsh(known.ssh ?? {});
  const hosts = await askHosts(known.hosts, (host, acceptNewKey) => tryConnection(ssh, host, acceptNewKey));
  const endpoints = await askEndpoints(hosts);
  const synchronous = await askSynchronous(hosts);
  const profile = await askProfile();
  const { databases, roles } = await askDatabase();
  const { backup, secrets } = await askBackup(cluster);
  const draft: SpecDraft = {
    cluster,
    ssh,
    hosts,
    endpoints,
    replication: { synchronous },
    failover: { profile },
    databases,
    roles,
    ...(backup !== undefined && { backup }),
  };
  return { draft, secrets };
}

/** Shows what would be written and asks whether to. */
export async function askWhetherToWrite(path: string, text: string): Promise<boolean> {
  process.stderr.write(`\n${text}\n`);
  return confirm({ message: `Write this to ${path}?`, default: true }, CONTEXT);
}

type Ssh = NonNullable<SpecDraft['ssh']>;

async function askSsh(known: Ssh): Promise<Ssh> {
  const user = await input(
    { message: 'SSH user (root, or one with sudo without a password):', default: known.user ?? 'root' },
    CONTEXT,
  );
  const identityFile = await input(
    { message: 'SSH key (blank: the agent, then ~/.ssh/id_ed25519 and its kin):', default: known.identityFile ?? '' },
    CONTEXT,
  );
  return { ...known, user, ...(identityFile !== '' && { identityFile }) };
}

async function askSynchronous(hosts: SpecDraft['hosts']): Promise<number> {
  const standbys = hosts.filter((host) => host.roles?.includes('database') ?? true).length - 1;
  if (standbys < 1) return 0;
  const max = Math.max(1, standbys - 1);
  const message = `How many of the ${standbys} standbys confirm a commit before the client hears of it?`;
  return number({ message, default: 1, min: 0, max, required: true }, CONTEXT);
}

async function askProfile(): Promise<'fast' | 'normal' | 'wan'> {
  return select(
    {
      message: 'How fast should a failure be noticed?',
      default: 'fast',
      choices: [
        { value: 'fast', name: 'fast', description: 'hosts on one site, with a good network' },
        { value: 'normal', name: 'normal', description: 'more patience with short outages of the network' },
        { value: 'wan', name: 'wan', description: 'hosts that are far apart' },
      ],
    },
    CONTEXT,
  );
}

async function askDatabase(): Promise<{ databases: { name: string; owner: string }[]; roles: { name: string }[] }> {
  const name = await input(
    { message: 'First database (blank: none):', default: 'app', validate: orBlank(identifierSchema) },
    CONTEXT,
  );
  if (name === '') return { databases: [], roles: [] };
  const owner = await input(
    { message: 'Role that owns it:', default: name, validate: valid(identifierSchema) },
    CONTEXT,
  );
  return { databases: [{ name, owner }], roles: [{ name: owner }] };
}
