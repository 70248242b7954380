/** A bus that knows the simple protocol only: it answers nothing and sends every job to all schedulers. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { atEnd } from './bus-kit.js';

interface SimpleMessage {
  readonly cmd: string;
  readonly type?: string;
  readonly payload?: unknown;
}

export async function simpleBus() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const schedulers = new Set<WebSocket>();
  const requests: unknown[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const { cmd, type, payload } = JSON.parse(data.toString()) as SimpleMessage;
      if (cmd === 'register' && type === 'scheduler') schedulers.add(socket);
      if (cmd !== 'job_request') return;
      requests.push(payload);
      for (const scheduler of schedulers) scheduler.send(JSON.stringify(payload));
    });
    socket.on('close', () => schedulers.delete(socket));
  });
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of server.clients) socket.terminate();
  };
  atEnd(() => {
    cut();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, schedulers, requests, cut };
}
