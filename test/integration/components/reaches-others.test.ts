import { createServer, type AddressInfo, type Server } from 'node:net';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { renderTemplate } from '../../../src/resources/template.ts';

/** The script by which keepalived finds out that its host is cut off, with listeners on loopback in the place of hosts. */
describe('reaches-others.sh', () => {
  let asked: number[] = [];
  const servers: Server[] = [];
  const ports: number[] = [];
  let closedPort = 0;

  beforeAll(async () => {
    for (let index = 0; index < 3; index += 1) {
      const server = createServer((socket) => {
        asked.push(index);
        socket.destroy();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      ports.push((server.address() as AddressInfo).port);
    }
    await new Promise((resolve) => servers.pop()!.close(resolve));
    closedPort = ports.pop()!;
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  async function run(...tried: number[]): Promise<number | undefined> {
    asked = [];
    const others = tried.map((port) => ({ address: '127.0.0.1', port }));
    const script = renderTemplate('keepalived/reaches-others.sh', { others });
    return (await execa('bash', ['-c', script], { reject: false })).exitCode;
  }

  it('asks nobody else when the first one answers', async () => {
    expect(await run(...ports)).toBe(0);
    expect(asked).toEqual([0]);
  });

  it('asks all when the first one does not', async () => {
    expect(await run(closedPort, ...ports)).toBe(0);
    expect(asked).toContain(1);
  });

  it('fails when nobody answers', async () => {
    expect(await run(closedPort, closedPort)).toBe(1);
    expect(asked).toEqual([]);
  });
});
