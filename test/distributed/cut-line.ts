/**
 * A line between a worker and Redis that can be cut: a TCP proxy on the loopback. While it is cut, nothing passes and no connection is
 * closed, as when a cable is pulled; joined again, what was on its way arrives.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CutLine {
  /** Where the near end listens. */
  readonly port: number;
  readonly cut: () => void;
  readonly join: () => void;
  /** Closes the line, and all connections over it. */
  readonly end: () => Promise<void>;
}

/** To the port `far` of the loopback. */
export async function startLine(far: number): Promise<CutLine> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const onto = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on('data', (data) => other.write(data));
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    // Its close follows.
    socket.on('error', () => undefined);
    if (isCut) socket.pause();
  };
  const server = createServer((near) => {
    const away = connect(far, '127.0.0.1');
    onto(near, away);
    onto(away, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    join() {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    async end() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
