/** The bridge with the receivers of @xstate/inspect themselves. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createWebSocketReceiver, createWindowReceiver, type ParsedReceiverEvent } from '@xstate/inspect';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { Scheduler } from '../../../src/index.js';
import { SimulatedClock } from '../../../src/testing/simulated-clock.js';
import { bridge, type BridgeOptions } from '../src/bridge.js';
import { serveViewer } from '../src/viewer-server.js';

/** A scheduler that has run two tasks, one of which failed, and a bridge to it in simulated time. */
function bridged(options: BridgeOptions = {}) {
  const clock = new SimulatedClock();
  const scheduler = new Scheduler();
  const work = scheduler.queue('work', { concurrency: 1 });
  const shown = bridge(scheduler, { clock, ...options });
  const run = async (): Promise<void> => {
    const failing = work.submit({ id: 'failing' }, (): number => {
      throw new Error('broken');
    });
    const fine = work.submit({ id: 'fine' }, () => ({ huge: 1n }));
    scheduler.start();
    await Promise.all([failing.settled(), fine.settled()]);
    shown.flush();
  };
  return { scheduler, shown, run };
}

interface Receiver {
  subscribe(next: (event: ParsedReceiverEvent) => void): unknown;
}

/** All that a receiver has told, and a wait for an event of it. */
function toldBy(receiver: Receiver) {
  const events: ParsedReceiverEvent[] = [];
  const arrivals = new EventTarget();
  receiver.subscribe((event) => {
    events.push(event);
    arrivals.dispatchEvent(new Event('arrival'));
  });
  const until = async (isIt: (event: ParsedReceiverEvent) => boolean): Promise<void> => {
    while (!events.some((event) => isIt(event))) await once(arrivals, 'arrival');
  };
  return { events, until };
}

/** The latest state of each service, by its id, as the receiver has parsed it. */
function statesIn(events: readonly ParsedReceiverEvent[]): Record<string, unknown> {
  const ids = new Map(
    events.flatMap((event) => (event.type === 'service.register' ? [[event.sessionId, event.id]] : [])),
  );
  const latest: Record<string, unknown> = {};
  for (const event of events) {
    if (event.type === 'service.state' || event.type === 'service.register') {
      latest[ids.get(event.sessionId) ?? '?'] = event.state.value;
    }
  }
  return latest;
}

/** What createWindowReceiver takes for the window of the viewer, and for the one that it listens to. */
function windows() {
  const listeners = new Set<(event: { readonly data: unknown }) => void>();
  const posted: unknown[] = [];
  return {
    posted,
    post: (data: unknown) => {
      // A window is posted a copy.
      for (const listener of listeners) listener({ data: structuredClone(data) });
    },
    window: {
      addEventListener: (_: string, listener: (event: { readonly data: unknown }) => void) =>
        void listeners.add(listener),
      removeEventListener: (_: string, listener: (event: { readonly data: unknown }) => void) =>
        void listeners.delete(listener),
    },
    targetWindow: { postMessage: (data: unknown) => void posted.push(data) },
  };
}

describe('a window receiver', () => {
  test('shows scheduler and queues, their charts, states and events', async () => {
    const { post, window, targetWindow } = windows();
    const { events } = toldBy(createWindowReceiver({ window, targetWindow }));
    const { scheduler, shown, run } = bridged();
    shown.connect(post);
    await run();
    expect(statesIn(events)).toEqual({
      scheduler: { running: 'idle' },
      work: { admission: 'open', gate: 'open', flow: 'flowing', activity: 'idle' },
    });
    const registered = events.flatMap((event) => (event.type === 'service.register' ? [event] : []));
    expect(registered.map(({ parent }) => parent)).toEqual([undefined, registered[0]?.sessionId]);
    expect(registered[1]?.machine.events).toEqual(expect.arrayContaining(['task.offered', 'slot.returned']));
    const told = events.flatMap((event) => (event.type === 'service.event' ? [event.event.name] : []));
    expect(told).toEqual(expect.arrayContaining(['start.requested', 'task.offered', 'slot.returned']));
    await scheduler.terminate();
  });

  test('shows how tasks end, and that their services have stopped', async () => {
    const { post, window, targetWindow } = windows();
    const { events } = toldBy(createWindowReceiver({ window, targetWindow }));
    const { scheduler, shown, run } = bridged({ actors: ({ kind }) => kind === 'task' });
    shown.connect(post);
    await run();
    expect(statesIn(events)).toEqual({ failing: 'failed', fine: 'done' });
    const contexts = events.flatMap((event) =>
      event.type === 'service.state' ? [JSON.stringify(event.state.context)] : [],
    );
    expect(contexts.join('\n')).toContain('{ huge: 1n }');
    expect(contexts.join('\n')).toContain('Error: broken');
    expect(events.filter(({ type }) => type === 'service.stop')).toHaveLength(2);
    await scheduler.terminate();
  });

  test('that comes late learns what is there, and nothing of what has ended', async () => {
    const { scheduler, shown, run } = bridged({ actors: () => true });
    await run();
    const { post, window, targetWindow } = windows();
    const { events } = toldBy(createWindowReceiver({ window, targetWindow }));
    const leave = shown.connect(post);
    expect(Object.keys(statesIn(events))).toEqual(['scheduler', 'work']);
    expect(events.every(({ type }) => type === 'service.register')).toBe(true);
    leave();
    const before = events.length;
    await scheduler.close();
    shown.flush();
    expect(events).toHaveLength(before);
  });
});

const DEFAULT = globalThis.WebSocket;

describe('a WebSocket receiver', () => {
  // The receiver takes that of the browser.
  beforeAll(() => {
    globalThis.WebSocket = WebSocket as never;
  });
  afterAll(() => {
    globalThis.WebSocket = DEFAULT;
  });

  test('that has the token is shown everything, and cannot send anything to an actor', async () => {
    const { scheduler, shown, run } = bridged();
    shown.flush();
    const server = await serveViewer(shown, {});
    onTestFinished(() => server.close());
    const { host, hash } = new URL(server.url);
    const sockets: WebSocket[] = [];
    // A browser tells the origin of the page.
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string) {
        super(url, { origin: `http://${host}` });
        sockets.push(this);
      }
    } as never;
    const receiver = createWebSocketReceiver({ server: `${host}/events?${hash.slice(1)}`, serialize: undefined });
    const { events, until } = toldBy(receiver);
    await until(({ type }) => type === 'service.register');
    const [first] = events;
    receiver.send({
      type: 'xstate.event',
      event: JSON.stringify({ name: 'terminate.requested', origin: first?.sessionId }),
    } as never);
    const [socket] = sockets;
    socket?.send('no JSON');
    await run();
    await until(({ type }) => type === 'service.state');
    expect(scheduler.state).toBe('idle');
    expect(statesIn(events)['work']).toMatchObject({ gate: 'open' });
    socket?.send('x'.repeat(10_000));
    if (socket !== undefined) await once(socket, 'close');
    expect(scheduler.state).toBe('idle');
    await scheduler.terminate();
  });

  test('is refused beside eight others', async () => {
    const server = await serveViewer(bridged().shown, {});
    onTestFinished(() => server.close());
    const { host, hash } = new URL(server.url);
    const dial = (): WebSocket => new WebSocket(`ws://${host}/events?${hash.slice(1)}`, { origin: `http://${host}` });
    for (let n = 0; n < 8; n += 1) await once(dial(), 'open');
    await expect(once(dial(), 'open')).rejects.toThrow('403');
  });

  test.each([
    ['without the token', (host: string) => `ws://${host}/events?${'0'.repeat(32)}`, {}],
    ['from another origin', undefined, { origin: 'http://evil.example' }],
    ['from no origin', undefined, { origin: undefined }],
    ['for another host', undefined, { headers: { host: 'evil.example' } }],
  ])('is refused %s', async (_, urlOf, how) => {
    const { shown } = bridged();
    const server = await serveViewer(shown, {});
    onTestFinished(() => server.close());
    const { host, hash } = new URL(server.url);
    const url = urlOf?.(host) ?? `ws://${host}/events?${hash.slice(1)}`;
    const socket = new WebSocket(url, { origin: `http://${host}`, ...how });
    const [error] = (await once(socket, 'error').catch((thrown: unknown) => [thrown])) as [Error];
    expect(error.message).toContain('403');
  });
});

test('the server answers to its own name and to GET alone', async () => {
  const { shown } = bridged();
  const server = await serveViewer(shown, { '/': { type: 'text/html', text: 'page' } });
  onTestFinished(() => server.close());
  const { origin, port } = new URL(server.url);
  const page = await fetch(`${origin}/`);
  expect([page.status, await page.text()]).toEqual([200, 'page']);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    expect((await fetch(`${origin}/`, { method })).status).toBe(405);
  }
  expect((await fetch(`${origin}/../package.json`)).status).toBe(404);
  const asked = get({ host: '127.0.0.1', port, headers: { host: `localhost:${port}` } });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(403);
});
