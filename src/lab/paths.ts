import path from 'node:path';

/** Where labs keep what they need to go on living: one folder each. */
export const stateDirectory = (): string => process.env['PGSCALE_LAB_STATE'] ?? '/var/lib/pgscale/lab';
/** Where the base image and downloaded packages are kept between labs. */
export const cacheDirectory = (): string => process.env['PGSCALE_LAB_CACHE'] ?? '/var/cache/pgscale/lab';

/** The folder of one lab. */
export const labDirectory = (lab: string): string => path.join(stateDirectory(), lab);

/** The files of one lab. */
export const labPaths = (
  lab: string,
): Record<'document' | 'identity' | 'knownHosts' | 'hosts' | 'objectStore', string> => ({
  document: path.join(labDirectory(lab), 'lab.json'),
  identity: path.join(labDirectory(lab), 'id_ed25519'),
  knownHosts: path.join(labDirectory(lab), 'known_hosts'),
  hosts: path.join(labDirectory(lab), 'hosts'),
  objectStore: path.join(labDirectory(lab), 'object-store'),
});

/**
 * The folders of one host: `root` is the overlay of the base image and `upper`; `console` is what it printed at boot;
 * `complete` is there once the disk has everything that a host needs.
 */
export function hostPaths(
  lab: string,
  host: string,
): Record<'directory' | 'root' | 'upper' | 'work' | 'complete' | 'console' | 'hostKey', string> {
  const directory = path.join(labPaths(lab).hosts, host);
  return {
    directory,
    root: path.join(directory, 'root'),
    upper: path.join(directory, 'upper'),
    work: path.join(directory, 'work'),
    complete: path.join(directory, 'complete'),
    console: path.join(directory, 'console.log'),
    hostKey: path.join(directory, 'ssh_host_ed25519_key'),
  };
}

/** The folder with the downloaded packages that every host starts with. */
export const packageDirectory = (): string => path.join(cacheDirectory(), 'packages');
