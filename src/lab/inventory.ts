import { readdir } from 'node:fs/promises';

import { groupedHosts, topGroups } from './cgroup.ts';
import { type LabDocument, readDocument } from './document.ts';
import { type HostState, hostState, hostUptimeSeconds } from './host.ts';
import { namedLabs } from './hosts-file.ts';
import { LAB_NAME, labOf } from './naming.ts';
import { nftTables, links } from './network.ts';
import { storeProcesses } from './object-store/process.ts';
import { labPaths, stateDirectory } from './paths.ts';

/** A lab as found on this machine, also when it was only half made. */
export interface LabStatus {
  readonly name: string;
  /** What lab.json says; only what could be found on the machine when that is missing. */
  readonly document: LabDocument | undefined;
  readonly hosts: readonly HostStatus[];
  readonly storeState: 'running' | 'stopped';
}

export interface HostStatus {
  readonly name: string;
  readonly address: string | undefined;
  readonly zone: string | undefined;
  readonly state: HostState;
  readonly uptimeSeconds: number | undefined;
}

/** Every lab of which there is anything on this machine: files, control groups, bridges, rules, or names. */
export async function findLabs(): Promise<string[]> {
  const folders = await readdir(stateDirectory(), { withFileTypes: true }).catch(() => []);
  const traces = [
    ...(await topGroups()),
    ...(await links()).map(({ ifname }) => ifname),
    ...(await nftTables()).map(({ name }) => name),
  ];
  const labs = [
    ...folders.filter((entry) => entry.isDirectory()).map(({ name }) => name),
    ...traces.flatMap((name) => labOf(name) ?? []),
    ...(await namedLabs()),
  ];
  return [...new Set(labs)].filter((name) => LAB_NAME.test(name)).sort();
}

/** What a lab is doing. */
export async function labStatus(name: string): Promise<LabStatus> {
  const document = await readDocument(name).catch(() => undefined);
  const hosts = await Promise.all((await hostNames(name, document)).map(async (host) => status(name, host, document)));
  const storeState = (await storeProcesses(name)).length > 0 ? 'running' : 'stopped';
  return { name, document, hosts, storeState };
}

/** The hosts of a lab, from its document and from what is found on the machine. */
export async function hostNames(lab: string, document: LabDocument | undefined): Promise<string[]> {
  const documented = document?.hosts.map(({ name }) => name) ?? [];
  const folders = await readdir(labPaths(lab).hosts).catch(() => []);
  return [...new Set([...documented, ...folders, ...(await groupedHosts(lab))])];
}

async function status(lab: string, name: string, document: LabDocument | undefined): Promise<HostStatus> {
  const host = document?.hosts.find((candidate) => candidate.name === name);
  return {
    name,
    address: host?.address,
    zone: host?.zone,
    state: await hostState(lab, name),
    uptimeSeconds: await hostUptimeSeconds(lab, name),
  };
}
