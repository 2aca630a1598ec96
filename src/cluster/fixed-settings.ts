import type { Spec } from '../spec/schema.ts';
import { dataDirectory } from '../spec/topology.ts';

/** The files by which a member that has data runs; what is not there is no member. */
export interface RunningFiles {
  readonly host: string;
  /** patroni.yml of a PostgreSQL member. */
  readonly patroni: string | undefined;
  /** etcd.yml of a member of etcd. */
  readonly etcd: string | undefined;
}

/** A setting that the spec wants otherwise than members have it. */
export interface FixedSetting {
  readonly setting: string;
  readonly running: string;
  readonly wanted: string;
  readonly hosts: readonly string[];
  readonly why: string;
}

interface Place {
  readonly setting: string;
  readonly file: 'patroni' | 'etcd';
  /** Finds the value in the file, as its template writes it. */
  readonly pattern: RegExp;
  readonly wanted: (spec: Spec) => string;
  /** What changing it member by member would do. */
  readonly why: string;
}

const PLACES: readonly Place[] = [
  {
    setting: 'postgres.port',
    file: 'patroni',
    pattern: /^postgresql:\n {2}listen: ".*:(\d+)"$/mu,
    wanted: ({ postgres }) => String(postgres.port),
    why: 'the members move one at a time, each at its next restart, while the others, the proxies and the archive look for them at the new port at once',
  },
  {
    setting: 'postgres.dataDirectory',
    file: 'patroni',
    pattern: /^ {2}data_dir: "(.*)"$/mu,
    wanted: dataDirectory,
    why: 'the data would stay where it is, and the members would find none at the new place',
  },
  {
    setting: 'failover.restPort',
    file: 'patroni',
    pattern: /^restapi:\n {2}listen: ".*:(\d+)"$/mu,
    wanted: ({ failover }) => String(failover.restPort),
    why: 'HAProxy and the guards ask at the old port until they are changed, too: there is no primary for them, and the sessions of the primary endpoint end',
  },
  {
    setting: 'dcs.peerPort',
    file: 'etcd',
    pattern: /^listen-peer-urls: ".*:(\d+)"$/mu,
    wanted: ({ dcs }) => String(dcs.peerPort),
    why: 'etcd keeps in its data where its members are: one that listens elsewhere is lost to the others, and with the second one the majority',
  },
  {
    setting: 'dcs.clientPort',
    file: 'etcd',
    pattern: /^advertise-client-urls: ".*:(\d+)"$/mu,
    wanted: ({ dcs }) => String(dcs.clientPort),
    why: 'every Patroni is without etcd from the change of the last member of etcd until its own, and the primary may step down',
  },
];

/** What cannot be changed member by member, and would be. Pure. */
export function fixedSettings(spec: Spec, files: readonly RunningFiles[]): FixedSetting[] {
  return PLACES.flatMap(({ setting, file, pattern, why, wanted }) => {
    const want = wanted(spec);
    const found = files.flatMap((each) => {
      const value = pattern.exec(each[file] ?? '')?.[1];
      return value === undefined || value === want ? [] : [{ host: each.host, value }];
    });
    return [...new Set(found.map(({ value }) => value))].map((running) => {
      const hosts = found.filter(({ value }) => value === running).map(({ host }) => host);
      return { setting, running, wanted: want, hosts, why };
    });
  });
}
