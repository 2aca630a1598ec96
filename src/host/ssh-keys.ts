import { readFile } from 'node:fs/promises';

import ssh2, { type AnyAuthMethod } from 'ssh2';

import type { ConnectionSettings } from './connection-settings.ts';
import { expandHome } from '../spec/home.ts';
import { authRefused } from './host-errors.ts';

const DEFAULT_KEYS = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

/**
 * The logins to try, in order: the key of the spec, then the agent; without a key in the spec the agent, then the usual
 * files. @throws PgscaleError PGS_HOST_AUTH when there is no key to try.
 */
export async function authMethods(settings: ConnectionSettings): Promise<AnyAuthMethod[]> {
  const { identityFile, user: username } = settings;
  const socket = process.env['SSH_AUTH_SOCK'];
  const agent: AnyAuthMethod[] = socket === undefined ? [] : [{ type: 'agent', username, agent: socket }];
  const paths = identityFile === undefined ? DEFAULT_KEYS : [identityFile];
  const keys: AnyAuthMethod[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const key = await readKey(path);
    if ('problem' in key) problems.push(key.problem);
    else keys.push({ type: 'publickey', username, key: key.content });
  }
  const methods = identityFile === undefined ? [...agent, ...keys] : [...keys, ...agent];
  if (methods.length === 0) throw authRefused(settings, `there is no key to try: ${problems.join('; ')}`);
  return methods;
}

async function readKey(path: string): Promise<{ content: Buffer } | { problem: string }> {
  try {
    const content = await readFile(expandHome(path));
    const parsed = ssh2.utils.parseKey(content);
    if (!(parsed instanceof Error)) return { content };
    const isEncrypted = /encrypted|passphrase/iu.test(parsed.message);
    return { problem: `${path}: ${isEncrypted ? 'has a passphrase, so add it to ssh-agent' : parsed.message}` };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
