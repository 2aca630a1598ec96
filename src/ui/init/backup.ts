import { input, select } from '@inquirer/prompts';
import { z } from 'zod';

import type { RepositoryType } from '../../components/pgbackrest/spec.ts';
import { hostNameSchema } from '../../spec/values.ts';
import type { SpecDraft } from '../../spec/written.ts';
import { CONTEXT } from '../prompt-context.ts';
import { valid } from './valid.ts';

type Backup = NonNullable<SpecDraft['backup']>;
type Repository = Backup['repository'];

interface BackupAnswers {
  readonly backup: Backup | undefined;
  readonly secrets: Readonly<Record<string, string>>;
}

const filled = z.string().min(1, 'expected an answer');
const reference = z.string().regex(/^(?:env|file|cmd):./u, 'expected env:NAME, file:PATH or cmd:COMMAND');

/** Asks where backups go; access keys only as references, because an answer stays on the screen. */
export async function askBackup(cluster: string): Promise<BackupAnswers> {
  const type = await select<RepositoryType | 'none'>(
    {
      message: 'Where do backups and WAL go?',
      choices: [
        { value: 'none', name: 'nowhere for now', description: 'the key `backup` of the spec can be added later' },
        { value: 's3', name: 'S3, or a store that speaks it' },
        { value: 'azure', name: 'Azure Blob Storage' },
        { value: 'gcs', name: 'Google Cloud Storage' },
        { value: 'sftp', name: 'a machine over SFTP' },
        { value: 'posix', name: 'a file system that every database host mounts' },
      ],
    },
    CONTEXT,
  );
  if (type === 'none') return { backup: undefined, secrets: {} };
  const repository = await QUESTIONS[type](cluster);
  const secrets: Record<string, string> = {};
  for (const [name, suggestion] of KEYS[type]) {
    const message = `Reference to ${name} (env:NAME, file:PATH, cmd:COMMAND):`;
    secrets[`repository.${name}`] = await ask(message, suggestion, reference);
  }
  return { backup: { repository }, secrets };
}

const QUESTIONS: Readonly<Record<RepositoryType, (cluster: string) => Promise<Repository>>> = {
  s3: async (cluster) => ({
    type: 's3',
    bucket: await ask('Bucket:', `${cluster}-backups`),
    endpoint: await ask('Endpoint (host name):', 's3.eu-central-1.amazonaws.com', hostNameSchema),
    region: await ask('Region:', 'eu-central-1'),
    uriStyle: await select(
      {
        message: 'How does the store address a bucket?',
        choices: [
          { value: 'host', name: 'host', description: 'bucket.endpoint, as Amazon does' },
          { value: 'path', name: 'path', description: 'endpoint/bucket, as most others do' },
        ],
      },
      CONTEXT,
    ),
  }),
  azure: async (cluster) => ({
    type: 'azure',
    account: await ask('Storage account:'),
    container: await ask('Container:', `${cluster}-backups`),
  }),
  gcs: async (cluster) => ({ type: 'gcs', bucket: await ask('Bucket:', `${cluster}-backups`) }),
  sftp: async () => ({
    type: 'sftp',
    host: await ask('Host name of that machine:', undefined, hostNameSchema),
    user: await ask('User there:', 'pgbackrest'),
    path: await ask('Folder there:', '/var/lib/pgbackrest'),
  }),
  posix: async () => ({ type: 'posix', path: await ask('Folder:', '/var/lib/pgbackrest') }),
};

const KEYS: Readonly<Record<RepositoryType, readonly (readonly [string, string])[]>> = {
  s3: [
    ['accessKey', 'env:AWS_ACCESS_KEY_ID'],
    ['secretKey', 'env:AWS_SECRET_ACCESS_KEY'],
  ],
  azure: [['key', 'env:AZURE_STORAGE_KEY']],
  gcs: [['key', 'file:gcs-key.json']],
  sftp: [['key', 'file:~/.ssh/id_ed25519']],
  posix: [],
};

async function ask(message: string, suggestion?: string, schema: z.ZodType = filled): Promise<string> {
  return input({ message, validate: valid(schema), ...(suggestion !== undefined && { default: suggestion }) }, CONTEXT);
}
