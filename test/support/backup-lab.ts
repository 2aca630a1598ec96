import { type Lab } from './lab-cluster.ts';

/** Arguments of `init` for a cluster that archives into the lab's object store. */
export function backupArgs({ objectStore: store }: Lab): string[] {
  const repository = [
    ...['type=s3', `bucket=${store.bucket}`, `endpoint=${store.host}`, `port=${store.port}`],
    ...[`region=${store.region}`, `uriStyle=${store.uriStyle}`, `caFile=${store.caFile}`],
  ].join(',');
  const keys = [`repository.accessKey=file:${store.accessKeyFile}`, `repository.secretKey=file:${store.secretKeyFile}`];
  return ['--backup', repository, ...keys.flatMap((each) => ['--secret', each])];
}
