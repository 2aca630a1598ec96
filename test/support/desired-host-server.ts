import type { ServerChannel } from 'ssh2';

import type { CommandResult, Reader, RemoteFile } from '../../src/host/host.ts';
import { startSshServer, type SshServer } from './ssh-server.ts';

const END_OF_SCRIPT = '\n#end-of-script';
const BLOCK_BYTES = 512;

/** An SSH server that answers batched reads out of a reader in this process; nothing else can be asked of it. */
export function startReaderServer(reader: Reader, latencyMs: number): Promise<SshServer> {
  return startSshServer({ name: reader.name, latencyMs, serve: (channel) => serveBatch(channel, reader) });
}

function serveBatch(channel: ServerChannel, reader: Reader): void {
  let script = '';
  channel.on('error', () => undefined);
  channel.on('data', (piece: Buffer) => {
    script += piece.toString('utf8');
    if (!script.endsWith(END_OF_SCRIPT)) return;
    answerBatch(reader, script).then(
      (archive) => end(channel, 0, archive),
      (error: unknown) => {
        channel.stderr.write(String(error));
        end(channel, 1, Buffer.alloc(0));
      },
    );
  });
}

/** The process group comes first (see `launchLine`). */
function end(channel: ServerChannel, status: number, output: Buffer): void {
  channel.write(Buffer.concat([Buffer.from('4711\n'), output]));
  channel.exit(status);
  channel.end();
}

/** Takes the script of a batch (see `batchScript`) apart again, and frames the answers as the script would. */
async function answerBatch(reader: Reader, script: string): Promise<Buffer> {
  const starts = [...script.matchAll(/^printf '%s\\n' ((?:'[^']*'|\\'|[^\s'\\])+) >(\d+)\.sh; \{ timeout /gmu)];
  const answers = await Promise.all(
    starts.map(async ([, word = '', index]) => ({ index, ...(await reader.read({ script: unquote(word) })) })),
  );
  const paths = words(script.slice(script.lastIndexOf(' -- '))).filter((word) => word.startsWith('/'));
  const files = await Promise.all(paths.map(async (path) => ({ path, file: await reader.readFile(path) })));
  return Buffer.concat([
    ...answers.flatMap(answerEntries),
    ...files.flatMap(({ path, file }) => (file === undefined ? [] : tarEntry(path, file))),
    Buffer.alloc(2 * BLOCK_BYTES),
  ]);
}

function answerEntries({ index, exitCode, stdout, stderr }: CommandResult & { index: string | undefined }): Buffer[] {
  const entry = (part: string, content: string): Buffer[] =>
    tarEntry(`${index ?? ''}.${part}`, { owner: 'root', group: 'root', mode: '0600', content });
  return [...entry('out', stdout), ...entry('err', stderr), ...entry('status', String(exitCode))];
}

function words(line: string): string[] {
  return line.split(/\s+/u).map(unquote);
}

/** A word as `quote` made it. */
function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|\\'/gu, (_, quoted?: string) => quoted ?? "'");
}

/** https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function tarEntry(name: string, { owner, group, mode, content }: RemoteFile): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0);
  header.write(mode.padStart(7, '0'), 100);
  header.write(bytes.length.toString(8).padStart(11, '0'), 124);
  header.write('0', 156);
  header.write(owner, 265);
  header.write(group, 297);
  return [header, bytes, Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)];
}
