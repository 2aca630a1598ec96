import path from 'node:path';

import type { LabDocument } from '../document.ts';
import { domainName } from '../naming.ts';
import { labPaths } from '../paths.ts';

const PORT = 9000;
/** S3 needs a region in every signature; the object store takes the one that its clients were told. */
const REGION = 'lab';
const BUCKET = 'pgscale';

type StoreFile = 'data' | 'caFile' | 'certificate' | 'key' | 'accessKeyFile' | 'secretKeyFile' | 'log';

/** The files of a lab's object store. */
export const storeFiles = (lab: string): Record<StoreFile, string> => storeFilesIn(labPaths(lab).objectStore);

/** The files of the object store that lives in a folder. */
export const storeFilesIn = (folder: string): Record<StoreFile, string> => ({
  data: path.join(folder, 'data'),
  caFile: path.join(folder, 'ca.crt'),
  certificate: path.join(folder, 'server.crt'),
  key: path.join(folder, 'server.key'),
  accessKeyFile: path.join(folder, 'access-key'),
  secretKeyFile: path.join(folder, 'secret-key'),
  log: path.join(folder, 'store.log'),
});

/** How clients reach the object store of a lab: by its name or by the gateway's address, both are in its certificate. */
export function storeDocument(lab: string, gateway: string): LabDocument['objectStore'] {
  const { caFile, accessKeyFile, secretKeyFile } = storeFiles(lab);
  return {
    endpoint: `https://${gateway}:${PORT}`,
    host: `store.${domainName(lab)}`,
    port: PORT,
    region: REGION,
    bucket: BUCKET,
    uriStyle: 'path',
    caFile,
    accessKeyFile,
    secretKeyFile,
  };
}
