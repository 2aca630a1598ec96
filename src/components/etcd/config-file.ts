import { sh } from '../../host/command.ts';
import type { RemoteFile } from '../../host/host.ts';
import { file, fileChange } from '../../resources/file.ts';
import { resource, type Notification, type Resource } from '../../resources/resource.ts';
import { ETCD } from '../../spec/layout.ts';

/** etcd.yml, and whether the member has data. */
export interface EtcdConfigState {
  readonly file: RemoteFile | undefined;
  readonly hasData: boolean;
}

export const ETCD_CONFIG_ID = `file:${ETCD.configFile}`;

/**
 * etcd.yml. The lines `initial-…` say with whom a member without data begins. Once it has data they mean nothing, so that
 * a change of the dcs hosts restarts nobody; but `existing` there means that a join is not through yet.
 * https://etcd.io/docs/v3.5/op-guide/configuration/#clustering
 */
export function etcdConfigFile(content: string, notifies: readonly Notification[]): Resource {
  const plain = file({ path: ETCD.configFile, content, notifies });
  return resource<EtcdConfigState>({
    ...plain,
    id: ETCD_CONFIG_ID,
    read: async (reader) => {
      const [found, data] = await Promise.all([
        reader.readFile(ETCD.configFile),
        reader.read(sh`test -d ${`${ETCD.dataDirectory}/member`}`),
      ]);
      return { file: found, hasData: data.exitCode === 0 };
    },
    diff: (actual) => etcdConfigChange(content, actual),
    kept: (actual) => actual.file?.content,
    apply: (host, actual) => plain.apply(host, actual),
  });
}

/** Pure. */
export function etcdConfigChange(content: string, actual: EtcdConfigState | undefined): ReturnType<typeof fileChange> {
  const wanted: RemoteFile = { content, owner: 'root', group: 'root', mode: '0644' };
  const found = actual?.file;
  const isMeant = found !== undefined && actual?.hasData === true && !isJoining(actual);
  const compared = isMeant ? { ...found, content: withInitialLinesOf(content, found.content) } : found;
  return fileChange(ETCD.configFile, wanted, compared);
}

/** Whether the member of this host has no data, or has not got its vote yet. */
export function isJoining({ file: found, hasData }: EtcdConfigState): boolean {
  return !hasData || found === undefined || found.content.includes('\ninitial-cluster-state: "existing"');
}

function withInitialLinesOf(content: string, actual: string): string {
  const pattern = /^initial-cluster: .*$/mu;
  return actual.replace(pattern, () => pattern.exec(content)?.[0] ?? '');
}
