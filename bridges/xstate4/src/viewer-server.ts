/**
 * Serves the viewer's page and sends it what a bridge tells, on this computer alone. It stands in for the server of @xstate/inspect, which
 * a frame that is not JSON ends, and which passes a viewer's events on to actors.
 *
 * Invariants: it listens on the loopback address; without the token only the empty page is served; no frame of a viewer has any effect; a
 * viewer that does not read is cut off.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Bridge } from './bridge.js';

export interface ViewerServer {
  /** The page, with the token in its fragment. */
  readonly url: string;
  close(): Promise<void>;
}

/** What is served, by path: type and text. */
export type PageFiles = Readonly<Record<string, { readonly type: string; readonly text: string }>>;

/** A viewer sends one short message when it has connected. */
const MOST_FRAME_BYTES = 4_096;
const MOST_VIEWERS = 8;
const MOST_BUFFERED_BYTES = 4_194_304;

const HEADERS = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Starts the server; `port` 0 is any that is free. Rejects if it cannot listen. */
export async function serveViewer(bridge: Bridge, files: PageFiles, port = 0): Promise<ViewerServer> {
  const token = randomBytes(16).toString('hex');
  const http = createServer((request, response) => answer(request, response, http, files));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_FRAME_BYTES });
  http.on('upgrade', (request, socket, head) => {
    if (!isAllowed(request, http, token) || sockets.clients.size >= MOST_VIEWERS) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (viewer) => follow(bridge, viewer));
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://${hostOf(http)}/#${token}`,
    close: async () => {
      for (const viewer of sockets.clients) viewer.terminate();
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

function hostOf(http: Server): string {
  return `127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function answer(request: IncomingMessage, response: ServerResponse, http: Server, files: PageFiles): void {
  const file = Object.hasOwn(files, request.url ?? '') ? files[request.url ?? ''] : undefined;
  const status =
    request.headers.host !== hostOf(http) ? 403 : request.method !== 'GET' ? 405 : file === undefined ? 404 : 200;
  response.writeHead(status, { ...HEADERS, 'content-type': file?.type ?? 'text/plain' });
  response.end(status === 200 ? file?.text : '');
}

function isAllowed(request: IncomingMessage, http: Server, token: string): boolean {
  const { host, origin } = request.headers;
  if (host !== hostOf(http) || origin !== `http://${host}`) return false;
  const given = Buffer.from(request.url ?? '');
  const expected = Buffer.from(`/events?${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function follow(bridge: Bridge, viewer: WebSocket): void {
  const leave = bridge.connect((message) => {
    if (viewer.bufferedAmount > MOST_BUFFERED_BYTES) viewer.terminate();
    else if (viewer.readyState === WebSocket.OPEN) viewer.send(JSON.stringify(message));
  });
  viewer.on('close', leave);
  // A frame that is too long ends the connection, which is all that it does.
  viewer.on('error', leave);
}
