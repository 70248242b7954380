/** Attempts to break into an inspector: each of its bounds and checks, tried from outside. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Scheduler } from '../../src/index.js';
import { inspect, type Inspector } from '../../src/inspect/index.js';
import { Page, signIn } from '../support/inspector-page.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

let scheduler: Scheduler;
let inspector: Inspector;
let origin: string;
let token: string;
let cookie: string;

beforeAll(async () => {
  scheduler = new Scheduler();
  inspector = await inspect(scheduler);
  ({ origin, cookie } = await signIn(inspector.url));
  token = new URL(inspector.url).hash.slice('#token='.length);
});

afterAll(async () => {
  await inspector.close();
  await scheduler.close();
});

/** A request with exactly these headers, a Host of its own among them. */
function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(origin);
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

/** The status with which an upgrade is refused; 101 where it is not, 0 where nothing answers. */
async function upgrade(headers: Record<string, string>, path = '/socket', to = origin): Promise<number> {
  const socket = new WebSocket(`${to.replace('http', 'ws')}${path}`, { headers });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.on('error', () => resolve(0));
  });
}

describe('safety of the inspector', () => {
  it('answers no request whose Host is not its own', async () => {
    const { port } = new URL(origin);
    for (const host of [
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.1.evil.example:${port}`,
      `x@127.0.0.1:${port}`,
    ]) {
      for (const path of ['/', '/session', '/trace.json', '/none']) {
        expect((await ask('GET', path, { Host: host, Cookie: cookie })).status).toBe(403);
      }
      expect(await upgrade({ Host: host, Origin: `http://${host}`, Cookie: cookie })).toBe(403);
    }
    expect((await ask('GET', '/none', { Host: `localhost:${port}` })).status).toBe(404);
  });

  it('takes no upgrade without the exact Origin and the session', async () => {
    const own = { Origin: origin, Cookie: cookie };
    expect(await upgrade(own)).toBe(101);
    const { port } = new URL(origin);
    for (const evil of [
      'http://evil.example',
      'null',
      origin.replace('http', 'https'),
      `http://localhost:${port}`,
      `${origin}/`,
    ]) {
      expect(await upgrade({ ...own, Origin: evil })).toBe(403);
    }
    expect(await upgrade({ Cookie: cookie })).toBe(403);
    expect(await upgrade({ Origin: origin })).toBe(401);
    const [name = '', secret = ''] = cookie.split('=');
    for (const wrong of ['', token, secret.slice(1), `${secret}0`, secret.toUpperCase().replace(/^./, 'x')]) {
      expect(await upgrade({ ...own, Cookie: `${name}=${wrong}` })).toBe(401);
    }
    expect(await upgrade(own, '/')).toBe(404);
    expect(await upgrade(own, '/socket?x')).toBe(404);
  });

  it('exchanges the right token alone, for a cookie that scripts and other sites cannot use', async () => {
    const right = { Authorization: `Bearer ${token}`, Origin: origin };
    const answer = await ask('POST', '/session', right);
    expect(answer.status).toBe(204);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^pullgraph-inspect-\d+=[\da-f]{32}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    expect(String(answer.headers['set-cookie'])).not.toContain(token);
    for (const wrong of ['', 'Bearer ', `Bearer ${token.slice(1)}`, `Bearer ${token}0`, `Basic ${token}`, token]) {
      expect((await ask('POST', '/session', { ...right, Authorization: wrong })).status).toBe(401);
    }
    expect((await ask('POST', '/session', { ...right, Origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('POST', `/session?token=${token}`, { Origin: origin })).status).toBe(401);
    expect((await ask('GET', '/session', right)).status).toBe(405);
  });

  it('serves those without a session nothing of the scheduler', async () => {
    for (const path of [
      '/trace.json',
      '/socket',
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%5cpackage.json',
      '/assets/../../package.json',
    ]) {
      const { status, body } = await ask('GET', path);
      expect([401, 404]).toContain(status);
      expect(body).not.toContain('pullgraph"');
    }
  });

  it('refuses every other method, and allows no other site anything', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const { status, headers } = await ask(method, '/', { Origin: 'http://evil.example', Cookie: cookie });
      expect([method, status]).toEqual([method, 405]);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('sends the headers that keep a browser to its own files on every answer', async () => {
    for (const path of ['/', '/none', '/trace.json']) {
      const { headers } = await ask('GET', path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'self'; frame-ancestors 'none'/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
    }
  });

  it('closes a page that sends too much, or what is no message, and tells it nothing before its hello', async () => {
    const sent: readonly (readonly [string | Uint8Array, number])[] = [
      [JSON.stringify({ type: 'find', ask: 1, text: 'x'.repeat(5_000), limit: 1 }), 1009],
      ['{', 4001],
      [new Uint8Array(4), 4001],
      ['[]', 4001],
      [JSON.stringify({ type: 'hello', version: 2 }), 4000],
      [JSON.stringify({ type: 'hello', version: 1, more: true }), 4001],
      [JSON.stringify({ type: 'send', actor: '#1', event: { type: 'attempt.done' } }), 4001],
      [JSON.stringify({ type: 'command', ask: 1, command: { name: 'terminate' } }), 4001],
      [JSON.stringify({ type: 'command', ask: 1, command: { name: 'stop' } }), 4001],
    ];
    for (const [message, code] of sent) {
      const page = await Page.open(inspector.url, false);
      const closed = new Promise((resolve) => page.socket.once('close', resolve));
      page.socket.send(message);
      expect(await closed).toBe(code);
      expect(page.messages).toEqual([]);
    }
  });

  it('lets a page without control change nothing', async () => {
    const page = await Page.open(inspector.url);
    for (const command of [
      { name: 'start' },
      { name: 'stop' },
      { name: 'cancel', task: 1 },
      { name: 'retry', task: 1 },
    ] as const) {
      const answer = await page.ask('answer', (number) => ({ type: 'command', ask: number, command }));
      expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('read-only') as string });
    }
    expect(scheduler.state).toBe('stopped');
    await page.close();
  });

  it('serves a bounded number of pages', async () => {
    const pages: Page[] = [];
    while (pages.length < 16 - inspector.pages) pages.push(await Page.open(inspector.url, false));
    while (inspector.pages < 16) pages.push(await Page.open(inspector.url, false));
    expect(await upgrade({ Origin: origin, Cookie: cookie })).toBe(503);
    await Promise.all(pages.map((page) => page.close()));
  });

  it('survives what is no HTTP, and half a handshake', async () => {
    const { port } = new URL(origin);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume().write('GARBAGE\r\n\r\n');
    await once(socket, 'close');
    const half = connect(Number(port), '127.0.0.1');
    half.write(`GET /socket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`);
    half.destroy();
    expect((await ask('GET', '/none')).status).toBe(404);
  });

  it('listens where only this computer can reach it, unless that is asked for', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org']) {
      await expect(inspect(new Scheduler(), { host })).rejects.toMatchObject({ code: 'InvalidOption' });
    }
    await using other = new Scheduler();
    await using remote = await inspect(other, { host: '0.0.0.0', allowRemote: true, allowedHosts: ['tasks.example'] });
    const page = await Page.open(remote.url);
    await page.until(() => page.last('hello') !== undefined);
    const at = await signIn(remote.url);
    const { port } = new URL(at.origin);
    const statusOf = (host: string, from: string): Promise<number> =>
      upgrade({ Host: host, Origin: from, Cookie: at.cookie }, '/socket', at.origin);
    for (const host of ['tasks.example', 'Tasks.example:443']) {
      const from = `https://${host.replace(':443', '')}`;
      expect(await statusOf(host, from)).toBe(101);
      expect(await statusOf(host, 'https://evil.example')).toBe(403);
      expect(await statusOf(`x${host}`, `https://x${host}`)).toBe(403);
    }
    expect(await statusOf(`127.0.0.1:${port}`, `https://127.0.0.1:${port}`)).toBe(403);
    expect(await statusOf('127.0.0.1', 'https://127.0.0.1')).toBe(403);
    expect(await statusOf('evil.example', 'http://evil.example')).toBe(403);
  });

  it('lets no page in while it closes', async () => {
    await using other = new Scheduler();
    const closing = await inspect(other);
    const at = await signIn(closing.url);
    const page = await Page.open(closing.url);
    // It does not answer the close.
    page.socket.pause();
    const closed = closing.close();
    expect(await upgrade({ Origin: at.origin, Cookie: at.cookie }, '/socket', at.origin)).not.toBe(101);
    page.socket.resume();
    await closed;
  });

  it('refuses options that are wrong', async () => {
    const wrong = [
      { port: -1 },
      { port: 1.5 },
      { maxRows: 1 },
      { control: 'yes' },
      { redact: 1 },
      { host: '' },
      { prot: 1 },
    ];
    for (const options of wrong) {
      await expect(inspect(new Scheduler(), options as object)).rejects.toMatchObject({ code: 'InvalidOption' });
    }
  });
});
