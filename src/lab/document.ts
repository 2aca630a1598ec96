import { readFile, rename, writeFile } from 'node:fs/promises';

import { z } from 'zod';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { requireLabName } from './naming.ts';
import { labPaths } from './paths.ts';

const hostSchema = z.strictObject({
  name: z.string(),
  fqdn: z.string(),
  address: z.ipv4(),
  zone: z.string(),
});

/** What a lab is made of: `lab.json` in its folder, and what `lab up --json` prints. It holds no secret, only paths. */
export const labSchema = z.strictObject({
  name: z.string(),
  /** Where this document itself is. */
  document: z.string(),
  createdAt: z.iso.datetime(),
  domain: z.string(),
  subnet: z.string(),
  gateway: z.ipv4(),
  bridge: z.string(),
  /** The base image that the hosts' disks lie on. */
  image: z.string(),
  ssh: z.strictObject({ user: z.string(), port: z.number(), identityFile: z.string(), knownHosts: z.string() }),
  hosts: z.array(hostSchema),
  /** Addresses that no host has at first, for the endpoints; `primary.DOMAIN` and so on name them. */
  vips: z.strictObject({ primary: z.ipv4(), replica: z.ipv4(), pool: z.ipv4() }),
  objectStore: z.strictObject({
    endpoint: z.url(),
    host: z.string(),
    port: z.number(),
    region: z.string(),
    bucket: z.string(),
    uriStyle: z.literal('path'),
    caFile: z.string(),
    accessKeyFile: z.string(),
    secretKeyFile: z.string(),
  }),
});

export type LabDocument = z.infer<typeof labSchema>;
export type LabHost = LabDocument['hosts'][number];

/** The lab's document; undefined when there is none. @throws PgscaleError PGS_LAB_BROKEN when it cannot be understood. */
export async function readDocument(lab: string): Promise<LabDocument | undefined> {
  const file = labPaths(lab).document;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return labSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new PgscaleError('PGS_LAB_BROKEN', {
      what: `${file} is not a lab's document`,
      cause: error,
      why: String(error),
    });
  }
}

/** Writes the lab's document by a temporary file and a rename. */
export async function writeDocument(document: LabDocument): Promise<void> {
  const file = document.document;
  await writeFile(`${file}.new`, `${JSON.stringify(document, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** The lab's document. @throws PgscaleError PGS_LAB_UNKNOWN when there is no such lab. */
export async function needDocument(lab: string): Promise<LabDocument> {
  requireLabName(lab);
  const document = await readDocument(lab);
  if (document !== undefined) return document;
  throw unknown(lab);
}

/** The name, when it is one of the labs that were found. @throws PgscaleError PGS_LAB_UNKNOWN when it is not. */
export function requireLab(lab: string, found: readonly string[]): string {
  if (found.includes(lab)) return lab;
  throw unknown(lab);
}

const unknown = (lab: string): PgscaleError =>
  new PgscaleError('PGS_LAB_UNKNOWN', { what: `there is no lab named ${lab}` });

/** One host of a lab. @throws PgscaleError PGS_LAB_UNKNOWN when the lab has no host of that name. */
export function needHost(document: LabDocument, name: string): LabHost {
  const host = document.hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  throw new PgscaleError('PGS_LAB_UNKNOWN', {
    what: `the lab ${document.name} has no host named ${name}`,
    why: `its hosts are ${document.hosts.map((candidate) => candidate.name).join(', ')}`,
  });
}
