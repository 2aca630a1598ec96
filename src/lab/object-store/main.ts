/** The program of a lab's object store: `node main.js FOLDER ADDRESS PORT BUCKET`. It runs until it is told to end. */
import { readFile } from 'node:fs/promises';

import { storeFilesIn } from './settings.ts';
import { createStore } from './server.ts';

const [folder = '', address = '', port = '', bucket = ''] = process.argv.slice(2);
const files = storeFilesIn(folder);
const read = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim();

const server = createStore({
  data: files.data,
  bucket,
  credentials: { accessKey: await read(files.accessKeyFile), secretKey: await read(files.secretKeyFile) },
  tls: { key: await read(files.key), cert: await read(files.certificate) },
});
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
server.listen(Number(port), address);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
