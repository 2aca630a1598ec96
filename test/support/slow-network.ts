import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a local port, with latency, that can be cut or go silent. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection, as a host does that restarts. */
  cut(): void;
  /** Swallows everything from now on, as a host does that has lost its power. */
  freeze(): void;
}

/** @param latencyMs for the way there and back together. */
export async function openWire(targetPort: number, latencyMs = 0): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const deliver = (action: () => void): void => {
    const unlessFrozen = (): void => {
      if (!isFrozen) action();
    };
    if (latencyMs === 0) unlessFrozen();
    else setTimeout(unlessFrozen, latencyMs / 2);
  };
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (piece) => deliver(() => to.write(piece)));
    from.on('end', () => deliver(() => to.end()));
    from.on('close', () => deliver(() => to.destroy()));
    from.on('error', () => to.destroy());
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = createConnection({ host: '127.0.0.1', port: targetPort, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    freeze: () => {
      isFrozen = true;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
