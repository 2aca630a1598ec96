import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { IS_SOURCE, PACKAGE_ROOT } from '../../package-root.ts';
import type { LabDocument } from '../document.ts';
import { labPaths } from '../paths.ts';
import { findProcesses, isAlive, type ProcessIdentity, signal } from '../process.ts';
import { lastLines } from '../progress.ts';
import { until, untilTrue } from '../wait.ts';
import { makeCertificates } from './certificates.ts';
import { storeFiles } from './settings.ts';

const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 5000;

const PROGRAM = path.join(
  PACKAGE_ROOT,
  ...(IS_SOURCE ? ['src'] : ['dist']),
  'lab',
  'object-store',
  IS_SOURCE ? 'main.ts' : 'main.js',
);

/**
 * Starts the object store, which goes on when pgscale ends; leaves one that runs alone.
 *
 * @throws PgscaleError PGS_LAB_STORE with the last lines of its log.
 */
export async function startStore(lab: LabDocument): Promise<void> {
  await mkdir(labPaths(lab.name).objectStore, { recursive: true });
  await makeCredentials(lab);
  if ((await storeProcesses(lab.name)).length > 0) return;
  const { log } = storeFiles(lab.name);
  const output = await open(log, 'a');
  const { gateway, objectStore } = lab;
  const program = [
    ...loader(),
    PROGRAM,
    labPaths(lab.name).objectStore,
    gateway,
    String(objectStore.port),
    objectStore.bucket,
  ];
  let failure: string | undefined;
  spawn(process.execPath, program, {
    detached: true,
    cwd: PACKAGE_ROOT,
    stdio: ['ignore', output.fd, output.fd],
  })
    .once('exit', (status) => (failure = `it ended with status ${String(status)}`))
    .unref();
  await output.close();
  const answer = await until(START_DEADLINE_MS, async () =>
    (await listens(gateway, objectStore.port)) ? 'listens' : failure,
  );
  if (answer === 'listens') return;
  throw new PgscaleError('PGS_LAB_STORE', {
    what: `the object store of the lab ${lab.name}: ${answer ?? `no answer within ${START_DEADLINE_MS / 1000} s`}`,
    why: lastLines(await readFile(log, 'utf8').catch(() => '')),
    next: [`Read ${log}, then run \`pgscale lab store start --name ${lab.name}\`.`],
  });
}

/** Ends the object store of a lab. @returns whether one was running. */
export async function stopStore(lab: string): Promise<boolean> {
  const processes = await storeProcesses(lab);
  for (const one of processes) {
    await signal(one, 'SIGTERM');
    if (!(await untilTrue(STOP_DEADLINE_MS, async () => !(await isAlive(one))))) await signal(one, 'SIGKILL');
  }
  return processes.length > 0;
}

/** The running object store of a lab, told by the folder that it serves: no file that could name another process. */
export const storeProcesses = async (lab: string): Promise<ProcessIdentity[]> =>
  findProcesses(
    (words) =>
      words.includes(labPaths(lab).objectStore) && words.some((word) => /object-store\/main\.[jt]s$/u.test(word)),
  );

/** Makes what clients and server need to trust each other, once in the life of a lab. */
async function makeCredentials(lab: LabDocument): Promise<void> {
  const files = storeFiles(lab.name);
  const complete = await access(files.secretKeyFile).then(
    () => true,
    () => false,
  );
  if (complete) return;
  await mkdir(files.data, { recursive: true, mode: 0o700 });
  const { ca, certificate, key } = await makeCertificates(lab.name, [lab.gateway, lab.objectStore.host]);
  await writeFile(files.caFile, ca);
  await writeFile(files.certificate, certificate);
  await writeFile(files.key, key, { mode: 0o600 });
  await writeFile(files.accessKeyFile, `pgscale-lab-${lab.name}\n`, { mode: 0o600 });
  // Last, and by a rename: its presence says that all of them are there.
  await writeFile(`${files.secretKeyFile}.new`, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  await rename(`${files.secretKeyFile}.new`, files.secretKeyFile);
}

/** The sources run by way of tsx, a build as it is. */
const loader = (): string[] => (IS_SOURCE ? ['--import', 'tsx'] : []);

async function listens(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address);
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}
