import { createServer, type AddressInfo } from 'node:net';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { sh } from '../../../src/host/command.ts';
import { SshHost } from '../../../src/host/ssh-host.ts';
import { startSshServer, type SshServer } from '../../support/ssh-server.ts';

let server: SshServer;
let host: SshHost;

beforeAll(async () => {
  server = await startSshServer({ user: 'ops' });
  host = await SshHost.connect(server.settings);
});
afterAll(async () => {
  await host.close();
  await server[Symbol.asyncDispose]();
});

describe('run', () => {
  test('gives status, output and errors, without the last newline', async () => {
    const result = await host.run(sh`echo out; echo; echo err >&2; exit 3`, { okStatuses: [3] });
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err' });
  });

  test('a status that is not ok throws, with the last 20 lines of stderr', async () => {
    const error: unknown = await host.run(sh`seq 30 >&2; exit 4`).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'PGS_REMOTE_COMMAND', host: 'pg1', message: /status 4: seq 30/u });
    expect((error as { why: string }).why.split('\n')).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 11)));
  });

  test('a secret command appears neither in the error nor in what ps shows', async () => {
    const failing = host.run(sh`echo ${'hunter2'}; echo ${'hunter2'} >&2; exit 1`, { secret: true });
    const error: unknown = await failing.catch((each: unknown) => each);
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    const processes = await host.run(sh`secret=hunter2; ps -ewwo args`);
    expect(processes.stdout).toContain('#end-of-script');
    expect(processes.stdout).not.toContain('hunter2');
    expect(server.commandLines.join('\n')).not.toContain('hunter2');
  });

  test('has a sane environment', async () => {
    const result = await host.run(sh`echo "$PATH"; pwd; echo "$HOME $LC_ALL"`);
    expect(result.stdout.split('\n')).toEqual([expect.stringContaining('/usr/sbin'), '/', '/root C.UTF-8']);
  });

  test('runs as another user', async () => {
    expect((await host.run(sh`id -un; cat`, { as: 'nobody', stdin: 'x' })).stdout).toBe('nobody\nx');
    await expect(host.run(sh`id`, { as: 'a; reboot' })).rejects.toThrow('not a user name');
  });

  test('any text passes through the shell and through standard input unharmed', async () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const result = await host.run(sh`printf '%s|' ${text}; cat`, { stdin: text });
        const expected = Buffer.from(text).toString();
        expect(`${result.stdout}\n`).toBe(`${expected}|${expected}`.replace(/\n?$/u, '\n'));
      }),
      { numRuns: 25 },
    );
  });

  test('scripts of a megabyte and standard input of 5 MB arrive whole', async () => {
    const script = { script: `${"# a comment with a quote '\n".repeat(40_000)}wc -c | tr -d ' '` };
    expect((await host.run(script, { stdin: 'ä'.repeat(2_500_000) })).stdout).toBe('5000000');
  });

  test('a command without standard input sees its end at once', async () => {
    expect((await host.run(sh`cat; echo end`)).stdout).toBe('end');
  });

  test('output is told as it arrives, whole characters only', async () => {
    const pieces: string[] = [];
    await host.run(sh`printf 'a\303'; sleep 0.2; printf '\244b'`, { onStdout: (text) => pieces.push(text) });
    expect(pieces.join('')).toBe('aäb');
    expect(pieces.length).toBeGreaterThan(1);
  });

  test('more than eight at once wait in line', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => host.run(sh`echo ${index}`)));
    expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
  });
});

describe('deadline', () => {
  const alive = async (mark: string): Promise<boolean> =>
    (await host.run(sh`ps -ewwo args | grep -c ${`[${mark[0] ?? ''}]${mark.slice(1)}`}`, { okStatuses: 'any' }))
      .stdout !== '0';

  test('ends the command on the host, with its children', async () => {
    const failing = host.run(sh`trap '' TERM; sleep 86.25 & sleep 86.25`, { deadlineMs: 300 });
    await expect(failing).rejects.toMatchObject({ code: 'PGS_REMOTE_DEADLINE', host: 'pg1', message: /0.3 s/u });
    expect(await alive('sleep 86.25')).toBe(false);
  });

  test('an interruption does too', async () => {
    const failing = host.run(sh`sleep 86.75`, { signal: AbortSignal.timeout(300) });
    await expect(failing).rejects.toMatchObject({ code: 'PGS_INTERRUPTED' });
    expect(await alive('sleep 86.75')).toBe(false);
  });
});

describe('files', () => {
  test('are written whole, with owner and mode, and read back', async () => {
    const path = `${server.directory}/it's a "file"`;
    const content = 'ä\n$HOME `id` \'"\0\n';
    await host.writeFile(path, content, { owner: 'nobody', group: 'nogroup', mode: '0640' });
    expect(await host.readFile(path)).toEqual({ content, owner: 'nobody', group: 'nogroup', mode: '0640' });
    await host.writeFile(path, '', { owner: 'root', group: 'root', mode: '0600' });
    expect(await host.readFile(path)).toEqual({ content: '', owner: 'root', group: 'root', mode: '0600' });
    expect((await host.run(sh`ls -A ${server.directory}`)).stdout).not.toContain('.pgscale');
  });

  test('a write that fails leaves the old file and nothing beside it', async () => {
    const path = `${server.directory}/kept`;
    await host.writeFile(path, 'old', { owner: 'root', group: 'root', mode: '0600' });
    const failing = host.writeFile(path, 'new', { owner: 'no-such-user', group: 'root', mode: '0600' });
    await expect(failing).rejects.toMatchObject({ code: 'PGS_REMOTE_COMMAND', why: /no-such-user/u });
    expect((await host.readFile(path))?.content).toBe('old');
    expect((await host.run(sh`ls -A ${server.directory}`)).stdout).not.toContain('.pgscale');
  });
});

test('a session takes input as it goes, and ends when it is disposed of', async () => {
  let output = '';
  const session = await host.session(
    sh`while read -r line; do echo "got $line"; done; echo bye`,
    (text) => (output += text),
  );
  session.write('a\n');
  await expect.poll(() => output, { timeout: 15_000 }).toBe('got a\n');
  await session[Symbol.asyncDispose]();
  expect(await session.ended).toMatchObject({ exitCode: 0, stdout: 'got a\nbye' });
});

test('a session that does not listen is ended by force', async () => {
  const session = await host.session(sh`sleep 86.5`, () => undefined);
  await session[Symbol.asyncDispose]();
  expect((await host.run(sh`ps -ewwo args | grep -c '[s]leep 86.5'`, { okStatuses: 'any' })).stdout).toBe('0');
});

test('a forwarded port leads to the address that the host sees', async () => {
  const target = createServer((socket) => socket.end('hello from behind'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  await using forward = await host.forward('127.0.0.1', (target.address() as AddressInfo).port);
  expect(await textFrom(forward.port)).toBe('hello from behind');
  target.close();
  await using nowhere = await host.forward('127.0.0.1', 1);
  expect(await textFrom(nowhere.port)).toBe('');
});

async function textFrom(port: number): Promise<string> {
  const { createConnection } = await import('node:net');
  let text = '';
  for await (const piece of createConnection(port, '127.0.0.1')) text += String(piece);
  return text;
}
