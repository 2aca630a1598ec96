import { readProxyCertificate } from '../components/haproxy/client.ts';
import { poolerSettings } from '../components/pgbouncer/settings.ts';
import type { Target } from '../components/component.ts';
import { sh, type Command } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { hostPort } from '../spec/address.ts';
import { certificateIn, type CertificateFacts } from '../spec/certificate.ts';
import { PKI } from '../spec/layout.ts';
import { listenersOf } from '../spec/listeners.ts';
import { hasProxy } from '../spec/topology.ts';

/** Which certificate a running process holds, as it showed itself; not what is in its files. */
export interface HeldCertificate {
  readonly component: string;
  /** null: it has no TLS port; it shows its certificate only to those that it connects to. */
  readonly port: number | null;
  /** Fingerprints of what was seen; several when processes share the port and differ, none when nobody answers. */
  readonly seen: readonly string[];
  /** All that were seen are the certificate in the file. */
  readonly isCurrent: boolean;
}

/** The certificate of a host, and which of it the processes hold. */
export interface HostCertificates {
  /** Undefined when the file is missing or holds none. */
  readonly file: CertificateFacts | undefined;
  readonly held: readonly HeldCertificate[];
}

/** Of N processes behind one port a handshake meets any: with so many each, one that is not met is very unlikely. */
const HANDSHAKES_PER_PROCESS = 8;
/** Dozens of them at once on a host with much to do; a read has 20 s. */
const HANDSHAKE_SECONDS = 15;
/** They begin in the protocol of PostgreSQL. */
const POSTGRES_PROTOCOL: ReadonlySet<string> = new Set(['postgres', 'pgbouncer']);

/** Reads the file and asks every process, by a TLS handshake or by its own console, in one round trip. Changes nothing. */
export async function readCertificates(reader: Reader, target: Target): Promise<HostCertificates> {
  const { spec, host } = target;
  const listeners = listenersOf(spec, host).filter(({ process }) => process !== 'haproxy');
  const isProxy = hasProxy(host);
  const [file, proxy, ...seen] = await Promise.all([
    reader.readFile(PKI.certificate),
    isProxy ? readProxyCertificate(reader, PKI.bundle) : undefined,
    ...listeners.map(async ({ port, process }) => {
      const processes = process === 'pgbouncer' ? poolerSettings(target).processes.length : 1;
      const count = processes === 1 ? 1 : processes * HANDSHAKES_PER_PROCESS;
      const address = hostPort(host.address, port);
      const answer = await reader.read(handshakes(address, POSTGRES_PROTOCOL.has(process), count));
      return seenFingerprints(answer.stdout);
    }),
  ]);
  const facts = file === undefined ? undefined : certificateIn(file.content);
  const held = listeners.map(({ what, port }, index): HeldCertificate => {
    const fingerprints = seen[index] ?? [];
    return { component: what, port, seen: fingerprints, isCurrent: isOnly(facts?.fingerprints.sha256, fingerprints) };
  });
  if (!isProxy) return { file: facts, held };
  const proxySeen = proxy === undefined ? [] : [proxy];
  const isCurrent = isOnly(facts?.fingerprints.sha1, proxySeen);
  return { file: facts, held: [...held, { component: 'HAProxy', port: null, seen: proxySeen, isCurrent }] };
}

/** Prints the fingerprint of the certificate that the other end shows, a line for each handshake. */
function handshakes(address: string, isPostgres: boolean, count: number): Command {
  const client = ['-cert', PKI.certificate, '-key', PKI.key, '-connect', address];
  const protocol = isPostgres ? ['-starttls', 'postgres'] : [];
  return sh`for i in $(seq ${count}); do
  timeout ${HANDSHAKE_SECONDS} openssl s_client ${client} ${protocol} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 2>/dev/null &
done
wait`;
}

/** The different fingerprints in the output of `openssl x509 -fingerprint`. Pure. */
export function seenFingerprints(text: string): string[] {
  return [...new Set([...text.matchAll(/Fingerprint=([\dA-F:]+)/gu)].map(([, hex = '']) => hex.replaceAll(':', '')))];
}

function isOnly(wanted: string | undefined, seen: readonly string[]): boolean {
  return wanted !== undefined && seen.length > 0 && seen.every((each) => each === wanted);
}
