import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';

/** Makes an ed25519 key pair at `file` and `file.pub`; keeps the pair that is there. */
export async function makeKeyPair(file: string, comment: string): Promise<void> {
  const complete = await readFile(`${file}.pub`, 'utf8').then(
    (text) => text.startsWith('ssh-ed25519 '),
    () => false,
  );
  if (complete) return;
  await mkdir(path.dirname(file), { recursive: true });
  await Promise.all([rm(file, { force: true }), rm(`${file}.pub`, { force: true })]);
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
  await chmod(file, 0o600);
}

/** A key in one line, as `authorized_keys` has it. */
export const publicKey = async (file: string): Promise<string> => (await readFile(`${file}.pub`, 'utf8')).trim();

/** One line of known_hosts (sshd(8)): all names of the host, then its key without the comment. */
export function knownHostsLine(names: readonly string[], key: string): string {
  const [type = '', base64 = ''] = key.split(' ');
  return `${names.join(',')} ${type} ${base64}`;
}

/** Writes the known_hosts file of a lab, which is right from the start because the lab made the hosts' keys itself. */
export async function writeKnownHosts(
  file: string,
  hosts: readonly { names: readonly string[]; keyFile: string }[],
): Promise<void> {
  const lines = await Promise.all(
    hosts.map(async ({ names, keyFile }) => knownHostsLine(names, await publicKey(keyFile))),
  );
  await writeFile(file, `${lines.join('\n')}\n`);
}
