import type { Duplex } from 'node:stream';

import ssh2, { type Client, type ConnectConfig } from 'ssh2';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { destination, type ConnectionSettings } from './connection-settings.ts';
import { expandHome } from '../spec/home.ts';
import { authRefused, unreachable } from './host-errors.ts';
import {
  entriesFor,
  fingerprint,
  hostKeyAlgorithms,
  keyTypeOf,
  knownHostName,
  readKnownHosts,
  recordHostKey,
  verdict,
} from './known-hosts.ts';
import { authMethods } from './ssh-keys.ts';

const CONNECT_DEADLINE_MS = 10_000;
/** A host that vanished is noticed after three of these. */
const KEEPALIVE_MS = 5000;

/**
 * Logs in to a host whose key is known.
 *
 * @param through the stream to speak over, when there is a jump host; default: a TCP connection to the address.
 * @throws PgscaleError PGS_HOST_UNREACHABLE, PGS_HOST_AUTH, PGS_HOST_KEY_UNKNOWN, PGS_HOST_KEY_CHANGED
 */
export async function connect(settings: ConnectionSettings, through?: Duplex): Promise<Client> {
  const [methods, check] = await Promise.all([authMethods(settings), hostKeyCheck(settings)]);
  const deadlineMs = settings.connectDeadlineMs ?? CONNECT_DEADLINE_MS;
  const config: ConnectConfig = {
    host: settings.address,
    port: settings.port,
    username: settings.user,
    authHandler: methods,
    algorithms: { serverHostKey: check.algorithms },
    hostVerifier: (key: Buffer, done: (isTrusted: boolean) => void) => void check.verify(key).then(done),
    readyTimeout: deadlineMs,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: 2,
    ...(through === undefined ? {} : { sock: through }),
  };
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    // Otherwise each small message waits for the acknowledgement of the one before: 40 ms and more per command.
    client.once('connect', () => client.setNoDelay(true));
    client.once('ready', () => resolve(client));
    client.once('close', () => reject(unreachable(settings, 'it closed the connection before the login')));
    // Stays for later errors too: without a listener they would end the process.
    client.on('error', (error) => {
      reject(check.refusal ?? loginError(settings, error, deadlineMs));
      client.destroy();
    });
    client.connect(config);
  });
}

function loginError(settings: ConnectionSettings, error: Error & { level?: string }, deadlineMs: number): PgscaleError {
  if (error.level === 'client-authentication') return authRefused(settings, error.message);
  if (error.level === 'client-timeout') return unreachable(settings, `no login within ${deadlineMs / 1000} s`);
  return unreachable(settings, error);
}

interface HostKeyCheck {
  readonly algorithms: ReturnType<typeof hostKeyAlgorithms>;
  verify(key: Buffer): Promise<boolean>;
  /** Why the key was refused. */
  refusal?: PgscaleError;
}

async function hostKeyCheck(settings: ConnectionSettings): Promise<HostKeyCheck> {
  const path = expandHome(settings.knownHosts);
  const name = knownHostName(settings.address, settings.port);
  const entries = entriesFor(await readKnownHosts(path), name);
  const check: HostKeyCheck = {
    algorithms: hostKeyAlgorithms(entries),
    verify: async (key) => {
      const found = verdict(entries, key);
      if (found === 'known') return true;
      if (found === 'changed') check.refusal = keyChanged(settings, key);
      else if (settings.acceptNew !== true) check.refusal = keyUnknown(settings, key);
      else
        await recordHostKey(path, name, key).catch(
          (error: unknown) => (check.refusal = keyNotRecorded(settings, error)),
        );
      return check.refusal === undefined;
    },
  };
  return check;
}

function keyUnknown(settings: ConnectionSettings, key: Buffer): PgscaleError {
  return new PgscaleError('PGS_HOST_KEY_UNKNOWN', {
    what: `the host key of ${destination(settings)} is not in ${settings.knownHosts}`,
    host: settings.name,
    why: `it shows ${keyTypeOf(key)} ${fingerprint(key)}`,
    details: { fingerprint: fingerprint(key), keyType: keyTypeOf(key) },
  });
}

function keyChanged(settings: ConnectionSettings, key: Buffer): PgscaleError {
  const name = knownHostName(settings.address, settings.port);
  return new PgscaleError('PGS_HOST_KEY_CHANGED', {
    what: `the host key of ${destination(settings)} is not the one in ${settings.knownHosts}`,
    host: settings.name,
    why: `it now shows ${keyTypeOf(key)} ${fingerprint(key)}`,
    next: [`if the machine was installed again: ssh-keygen -f ${settings.knownHosts} -R '${name}', then --accept-new`],
    details: { fingerprint: fingerprint(key), keyType: keyTypeOf(key) },
  });
}

function keyNotRecorded(settings: ConnectionSettings, cause: unknown): PgscaleError {
  return new PgscaleError('PGS_HOST_KEY_UNKNOWN', {
    what: `the host key of ${destination(settings)} could not be recorded in ${settings.knownHosts}`,
    host: settings.name,
    why: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
