import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';

import type { ConnectionSettings } from '../../src/host/connection-settings.ts';
import { openWire, type Wire } from './slow-network.ts';

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshServerOptions {
  name?: string;
  /** The user who may log in. Default: root, who needs no sudo. */
  user?: string;
  /** What sudo does for another user. Default: allow. */
  sudo?: 'allow' | 'ask for a password' | 'refuse';
  hostKeys?: readonly HostKeyType[];
  latencyMs?: number;
  /** The public key that may log in; default: one of its own. */
  authorizedKey?: string;
  /** Refuse every key. */
  refuseLogin?: boolean;
  /** How many commands it runs at once; more are refused, as sshd does. Default: no limit. */
  maxSessions?: number;
  /** Take commands and never begin them. */
  hang?: boolean;
  /** Answers a command instead of the local shell. */
  serve?: (channel: ServerChannel) => void;
}

/** An SSH server in this process that runs commands with the local /bin/sh. Its folder holds key and known_hosts. */
export interface SshServer extends AsyncDisposable {
  readonly wire: Wire;
  readonly directory: string;
  /** How to log in to it; its host key is in known_hosts. */
  readonly settings: ConnectionSettings & { knownHosts: string; identityFile: string };
  /** The public host keys, as lines of known_hosts without the host. */
  readonly hostKeys: readonly string[];
  /** Command lines that it was asked to run. */
  readonly commandLines: readonly string[];
  /** The public half of `settings.identityFile`. */
  readonly loginKey: string;
  /** How many clients logged in. */
  readonly logins: number;
}

const KEY_OPTIONS = { ed25519: undefined, ecdsa: { bits: 256 }, rsa: { bits: 2048 } } as const;
const SUDO = {
  allow: 'shift 2\nexec "$@"\n',
  'ask for a password': 'echo "sudo: a password is required" >&2\nexit 1\n',
  refuse: 'echo "ops is not in the sudoers file." >&2\nexit 1\n',
} as const;

/** ssh2 1.17 makes a malformed key now and then (seen once in 500), so that each one is looked at. */
function makeKey(type: HostKeyType): { private: string; public: string } {
  const options = KEY_OPTIONS[type];
  for (;;) {
    // The types of ssh2 want options even where there are none.
    const pair = ssh2.utils.generateKeyPairSync(type as 'rsa', options as { bits: number });
    const parsed = [pair.private, pair.public].map((key) => ssh2.utils.parseKey(key));
    if (!parsed.some((key) => key instanceof Error)) return pair;
  }
}

export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const { name = 'pg1', user = 'root', sudo = 'allow', hostKeys: types = ['ed25519'] } = options;
  const directory = await mkdtemp(join(tmpdir(), 'pgscale-ssh-'));
  const hostKeys = types.map(makeKey);
  const login = makeKey('ed25519');
  const commandLines: string[] = [];
  const clients = new Set<Connection>();
  let logins = 0;
  const server = new ssh2.Server({ hostKeys: hostKeys.map((key) => key.private) }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => undefined);
    // As sshd does; the types do not know of it.
    (client as Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
    client.on('authentication', (context) => {
      if (options.refuseLogin === true || context.username !== user) context.reject(['publickey']);
      else authenticate(context, options.authorizedKey ?? login.public);
    });
    client.on('ready', () => (logins += 1));
    let sessions = 0;
    client.on('session', (accept, reject) => {
      if (sessions >= (options.maxSessions ?? Infinity)) {
        reject();
        return;
      }
      sessions += 1;
      const session = accept();
      session.once('close', () => (sessions -= 1));
      serveSession(session, { directory, commandLines, hang: options.hang ?? false, serve: options.serve });
    });
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = createConnection({ host: destIP, port: destPort });
      socket.once('connect', () => socket.pipe(accept()).pipe(socket));
      socket.once('error', () => reject());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wire = await openWire((server.address() as AddressInfo).port, options.latencyMs);
  const settings = {
    name,
    address: '127.0.0.1',
    port: wire.port,
    user,
    identityFile: join(directory, 'id_ed25519'),
    knownHosts: join(directory, 'known_hosts'),
  };
  const publicKeys = hostKeys.map((key) => key.public.split(' ').slice(0, 2).join(' '));
  await writeFile(settings.identityFile, login.private, { mode: 0o600 });
  await writeFile(settings.knownHosts, publicKeys.map((key) => `[127.0.0.1]:${wire.port} ${key}\n`).join(''));
  await writeFile(join(directory, 'sudo'), `#!/bin/sh\n${SUDO[sudo]}`);
  await chmod(join(directory, 'sudo'), 0o755);
  return {
    wire,
    directory,
    settings,
    hostKeys: publicKeys,
    commandLines,
    loginKey: login.public,
    get logins() {
      return logins;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.end();
      await wire[Symbol.asyncDispose]();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function authenticate(context: AuthContext, publicKey: string): void {
  if (context.method !== 'publickey') {
    context.reject(['publickey']);
    return;
  }
  const key = ssh2.utils.parseKey(publicKey);
  if (key instanceof Error) throw key;
  const isKnown = context.key.data.equals(key.getPublicSSH());
  const isSigned = context.signature === undefined || key.verify(context.blob!, context.signature, context.hashAlgo);
  if (isKnown && isSigned) context.accept();
  else context.reject(['publickey']);
}

interface Place {
  directory: string;
  commandLines: string[];
  hang: boolean;
  serve: SshServerOptions['serve'];
}

function serveSession(session: Session, { directory, commandLines, hang, serve }: Place): void {
  session.on('exec', (accept, _reject, { command }) => {
    commandLines.push(command);
    const channel = accept();
    if (serve !== undefined) serve(channel);
    else if (!hang) runCommand(channel, command, directory);
  });
}

function runCommand(channel: ServerChannel, command: string, directory: string): void {
  const child = spawn('/bin/sh', ['-c', command], { env: { PATH: `${directory}:/usr/bin:/bin` } });
  child.stdin.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code, signal) => {
    if (code === null) channel.exit((signal ?? 'TERM').replace('SIG', ''));
    else channel.exit(code);
    channel.end();
  });
}
