import { cmd, sh } from '../host/command.ts';
import type { FileAttributes, Host, Reader } from '../host/host.ts';
import type { KeyPair } from '../spec/authority.ts';
import { certificateProblem, readCertificateState, type CertificateState } from './certificate-state.ts';
import { resource, type Notification, type Resource } from './resource.ts';

/** Below the 398 days that current TLS clients accept, above a year so that one yearly look is enough. */
const VALID_DAYS = 397;

export interface CertificateFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Certificate and key in one file. */
  readonly bundle: string;
}

export interface CertificateDefinition {
  readonly files: CertificateFiles;
  readonly commonName: string;
  /** Names and addresses under which the host is asked for it. */
  readonly names: readonly string[];
  readonly authority: KeyPair;
  /** May read the key and the bundle. */
  readonly group: string;
  readonly notifies?: readonly Notification[];
}

/**
 * A key and a certificate of the cluster's CA. The key is made here and never comes back: a read compares public keys on
 * the host. Issued again when anything is missing, of another CA, for other names, or ends within 30 days.
 */
export function certificate(definition: CertificateDefinition): Resource {
  const { files, names, authority } = definition;
  return resource<CertificateState | undefined>({
    id: `certificate:${files.certificate}`,
    read: (reader: Reader) => readCertificateState(reader, files, authority.certificate),
    diff: (actual) => {
      if (actual === undefined) return { action: 'create', summary: `issue ${files.certificate}` };
      const problem = certificateProblem(actual, { names, group: definition.group, now: new Date() });
      return problem === undefined
        ? undefined
        : { action: 'update', summary: `issue ${files.certificate} again: ${problem}` };
    },
    apply: (host) => installCertificate(host, definition),
    ...(definition.notifies === undefined ? {} : { notifies: definition.notifies }),
  });
}

/**
 * Issues a new key and certificate, and puts them in place of the old ones at one moment: a handshake in between must not
 * find a key that does not fit. ca.crt keeps its time while its content stays.
 */
export async function installCertificate(host: Host, definition: CertificateDefinition): Promise<void> {
  const { authority, commonName, names, files, group } = definition;
  const { issueCertificate } = await import('../spec/authority.ts');
  const issued = await issueCertificate({ authority, commonName, names, validDays: VALID_DAYS });
  const open: FileAttributes = { owner: 'root', group: 'root', mode: '0644' };
  const secret: FileAttributes = { owner: 'root', group, mode: '0640' };
  await host.run(sh`getent group ${group} >/dev/null || groupadd --system ${group}`);
  const next = (path: string): string => `${path}.next`;
  await Promise.all([
    host.writeFile(next(files.ca), authority.certificate, open),
    host.writeFile(next(files.key), issued.key, secret),
    host.writeFile(next(files.certificate), issued.certificate, open),
    host.writeFile(next(files.bundle), issued.certificate + issued.key, secret),
  ]);
  const moves = [files.key, files.certificate, files.bundle].map((path) => cmd('mv', '-fT', next(path), path).script);
  await host.run(sh`cmp -s ${next(files.ca)} ${files.ca} && rm ${next(files.ca)} || mv -fT ${next(files.ca)} ${files.ca}
${{ script: moves.join(' && ') }}`);
}
