import { readFile } from 'node:fs/promises';

import SSHConfig from 'ssh-config';
import { z } from 'zod';

import type { ConnectionSettings } from './connection-settings.ts';
import { expandHome } from '../spec/home.ts';

/** What ~/.ssh/config says of one host (ssh_config(5)); only what pgscale heeds. */
export interface SshConfigEntry {
  readonly hostName?: string | undefined;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFile?: string | undefined;
  readonly proxyJump?: string | undefined;
}

const computedSchema = z.object({
  HostName: z.string().optional(),
  User: z.string().optional(),
  Port: z.coerce.number().int().optional(),
  IdentityFile: z.array(z.string()).optional(),
  ProxyJump: z.string().optional(),
});

/** The entry of ~/.ssh/config for a host; empty when there is no such file. */
export async function sshConfigFor(host: string): Promise<SshConfigEntry> {
  const text = await readFile(expandHome('~/.ssh/config'), 'utf8').catch(() => '');
  if (text === '') return {};
  const found = computedSchema.safeParse(SSHConfig.parse(text).compute(host)).data;
  return {
    hostName: found?.HostName,
    user: found?.User,
    port: found?.Port,
    identityFile: found?.IdentityFile?.[0],
    proxyJump: found?.ProxyJump === 'none' ? undefined : found?.ProxyJump,
  };
}

/** The settings with what the spec leaves open filled in from ~/.ssh/config: the key and the jump host. */
export async function withSshConfig(settings: ConnectionSettings): Promise<ConnectionSettings> {
  if (settings.identityFile !== undefined && settings.proxyJump !== undefined) return settings;
  const { identityFile, proxyJump } = await sshConfigFor(settings.address);
  return {
    ...settings,
    identityFile: settings.identityFile ?? identityFile,
    proxyJump: settings.proxyJump ?? proxyJump,
  };
}
