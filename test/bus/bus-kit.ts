/** Buses, producers, schedulers and what lies between them, for one test each: `cleanUp` ends them all, the last made first. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import {
  type BusOptions,
  type BusSchedulerOptions,
  connectProducer,
  connectScheduler,
  type ProducerOptions,
  startBus,
} from '../../src/bus/index.js';
import { Scheduler } from '../../src/index.js';

const cleanups: (() => unknown)[] = [];

export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** Soon, as nothing but the test itself is to be waited for. */
export const SOON = { baseMs: 5, maxMs: 20 };

export async function newBus(options: BusOptions = {}) {
  const bus = await startBus({ port: 0, patienceMs: 500, ...options });
  atEnd(() => bus.close());
  return bus;
}

export function newProducer(url: string, options: ProducerOptions = {}) {
  const producer = connectProducer({ url, reconnect: SOON, ...options });
  atEnd(() => producer.close());
  return producer;
}

/** A real scheduler that runs. */
export function newScheduler(url: string, tasks: object, options: Partial<BusSchedulerOptions> = {}) {
  const scheduler = new Scheduler();
  scheduler.start();
  const client = connectScheduler({ url, scheduler, slots: 2, reconnect: SOON, tasks, ...options });
  atEnd(async () => {
    client.close();
    await scheduler.terminate();
  });
  return client;
}

/** Passes bytes on between clients and a bus until it is told not to. */
export async function newProxy(url: string) {
  const sockets = new Set<Socket>();
  let connections = 0;
  let isOpen = true;
  const server = createServer((socket) => {
    if (!isOpen) {
      socket.destroy();
      return;
    }
    connections += 1;
    const onward = connect(Number(new URL(url).port), '127.0.0.1');
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on('error', () => undefined);
      each.on('close', () => {
        sockets.delete(each);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  atEnd(() => {
    cut();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    /** Lets nobody connect until `open`. */
    shut: (): void => {
      isOpen = false;
      cut();
    },
    open: (): void => {
      isOpen = true;
    },
    /** Nothing passes any more on the connections that there are, and they stay open. */
    freeze: (): void => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    get connections() {
      return connections;
    },
  };
}
