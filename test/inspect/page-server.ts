/**
 * Serves the built page on loopback with a synthetic run behind it, with the inspector's headers. `play` moves the run to a
 * moment; what happened since the last is sent to every page. For tests and pictures.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type WebSocket, WebSocketServer } from 'ws';
import { queueMachine } from '../../machines/queue.js';
import { schedulerMachine } from '../../machines/scheduler.js';
import { taskMachine } from '../../machines/task.js';
import { INSPECT_VERSION } from '../../src/inspect/protocol/frames.js';
import type { InspectorMessage, PageMessage, Watched } from '../../src/inspect/protocol/messages.js';
import { detailsOf, failuresOf, periodsOf, samplesOf, totalsOf, vicinityOf } from './synthetic-messages.js';
import { framesOf, namesOf, type SyntheticRun } from './synthetic-run.js';

const FOLDER = fileURLToPath(new URL('../../dist/inspector/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const TOKEN = 'a-key-of-this-test';
const COOKIE = 'session=1';

interface Client {
  readonly socket: WebSocket;
  watched: Watched | null;
}

export class PageServer {
  at = 1;
  /** The commands that pages have sent. */
  readonly commands: unknown[] = [];
  /** When the recording began; another one makes it another recording. */
  epochMs = 1_700_000_000_000;
  readonly #run: SyntheticRun;
  readonly #control: boolean;
  readonly #clients = new Set<Client>();
  #server: Server | undefined;
  #stall: string | undefined;

  constructor(run: SyntheticRun, options: { readonly control?: boolean; readonly stall?: string } = {}) {
    this.#run = run;
    this.#control = options.control ?? false;
    this.#stall = options.stall;
  }

  /** Listens, and returns the address with its key. */
  async listen(port = 0): Promise<string> {
    const server = createServer((request, response) => void respond(request, response));
    const sockets = new WebSocketServer({
      server,
      path: '/socket',
      verifyClient: ({ req }: { readonly req: IncomingMessage }) => req.headers.cookie === COOKIE,
    });
    sockets.on('connection', (socket) => this.#welcome(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.port}/#token=${TOKEN}`;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | undefined)?.port ?? 0;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Goes to a later moment and tells what has happened since. */
  play(at: number): void {
    const from = this.at;
    this.at = at;
    for (const client of this.#clients) {
      for (const frame of framesOf(this.#run, from, at)) client.socket.send(frame);
      this.#tell(client, from);
    }
  }

  /** Ends every connection; `close` also the server. */
  cut(): void {
    for (const { socket } of this.#clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #welcome(socket: WebSocket): void {
    const client: Client = { socket, watched: null };
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('message', (data: Buffer) => this.#hear(client, JSON.parse(data.toString()) as PageMessage));
  }

  #hear(client: Client, message: PageMessage): void {
    if (message.type === 'hello') this.#sendAll(client);
    else if (message.type === 'watch') {
      client.watched = message.actor;
      if (message.actor !== null) send(client, detailsOf(this.#run, this.at, message.actor));
    } else if (message.type === 'near') send(client, vicinityOf(this.#run, this.at, message));
    else if (message.type === 'command') {
      this.commands.push(message.command);
      send(client, { type: 'answer', ask: message.ask, ok: true, message: `Done: ${message.command.name}.` });
    }
  }

  #sendAll(client: Client): void {
    send(client, {
      type: 'hello',
      version: INSPECT_VERSION,
      product: 'pullgraph 0.0.0',
      control: this.#control,
      epochMs: this.epochMs,
      maxRows: 200_000,
      settledBefore: 0,
      charts: { task: taskMachine.config, queue: queueMachine.config, scheduler: schedulerMachine.config },
    });
    for (const message of namesOf(this.#run)) send(client, message);
    for (const frame of framesOf(this.#run, 0, this.at)) client.socket.send(frame);
    this.#tell(client, 0);
  }

  #tell(client: Client, from: number): void {
    const { at } = this;
    const messages = [totalsOf, failuresOf].map((of) => of(this.#run, at));
    messages.push(samplesOf(this.#run, from, at, from === 0 ? 120 : 2), periodsOf(this.#run, from, at));
    if (this.#stall !== undefined) messages.push({ type: 'stall', message: this.#stall, at });
    for (const message of messages) send(client, message);
    if (client.watched !== null) send(client, detailsOf(this.#run, at, client.watched));
  }
}

function send({ socket }: Client, message: InspectorMessage): void {
  socket.send(JSON.stringify(message));
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { 'content-security-policy': "default-src 'self'; frame-ancestors 'none'" };
  if (request.method === 'POST' && request.url === '/session') {
    const isRight = request.headers.authorization === `Bearer ${TOKEN}`;
    const cookie = isRight ? { 'set-cookie': `${COOKIE}; HttpOnly; SameSite=Strict` } : {};
    response.writeHead(isRight ? 204 : 401, { ...headers, ...cookie }).end();
    return;
  }
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
  try {
    const file = join(FOLDER, path === '/' ? 'index.html' : path);
    const content = await readFile(file);
    response.writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(content);
  } catch {
    response.writeHead(404, headers).end();
  }
}
