/** The trace context of a job, from its producer through the bus to the function. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectProducer, connectScheduler } from '../../src/bus/index.js';
import { Scheduler, taskContext } from '../../src/index.js';
import { instrument } from '../../src/opentelemetry/index.js';
import { atEnd, cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';
import { traced } from '../opentelemetry/otel-kit.js';

afterEach(cleanUp);

const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

describe('the trace context of a job', () => {
  test('reaches the function that runs it, of a named and of a timed job', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    newScheduler(bus.url, { told: () => taskContext().trace?.['traceparent'] ?? 'none' });
    expect(await producer.request({ task: 'told', trace }).result()).toBe(trace.traceparent);
    expect(await producer.request({ task: 'told' }).result()).toBe('none');
    expect(await producer.request({ runtime: 0.001, trace }).outcome()).toMatchObject({ status: 'done' });
    expect(() => producer.request({ task: 'told', trace: { traceparent: 7 as never } })).toThrow(
      "a job's trace must be an object of strings",
    );
  });

  test('joins the spans of two schedulers to one trace', async () => {
    const bus = await newBus();
    const producer = newProducer(bus.url);
    const spans = traced();
    const [asking, answering] = [new Scheduler(), new Scheduler()];
    for (const scheduler of [asking, answering]) instrument(scheduler, { tracer: spans.tracer });
    const remote = connectScheduler({
      url: bus.url,
      scheduler: answering,
      slots: 1,
      tasks: { double: (n: number) => n * 2 },
    });
    atEnd(() => remote.close());
    answering.start();
    asking.start();
    const task = asking.queue('local').submit(async function ask() {
      return producer.request({ task: 'double', args: [21] }).result();
    });
    expect(await task.result()).toBe(42);
    await asking.close();
    remote.close();
    await answering.close();
    const asked = spans.only('attempt ask').spanContext();
    expect(spans.only('task double').parentSpanContext).toMatchObject({ spanId: asked.spanId, isRemote: true });
    expect(spans.only('attempt double').spanContext().traceId).toBe(asked.traceId);
  });

  test('is not sent to a bus that does not know it', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    atEnd(() => server.close());
    await once(server, 'listening');
    const requests = new Promise<string>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          const text = Buffer.concat([data].flat() as Buffer[]).toString();
          if (text.includes('job_request')) resolve(text);
          if (!text.includes('register')) return;
          socket.send(
            JSON.stringify({ cmd: 'registered', version: 2, id: 's', silenceMs: 60_000, maxFrameBytes: 65_536 }),
          );
          socket.send(JSON.stringify({ cmd: 'synced', lost: 0, open: [] }));
        });
      });
    });
    const address = server.address() as { readonly port: number };
    const producer = connectProducer({ url: `ws://127.0.0.1:${address.port}` });
    atEnd(() => producer.close());
    producer.request({ task: 'told', trace });
    expect(JSON.parse(await requests)).toEqual({ cmd: 'job_request', ref: '1', payload: { task: 'told' } });
  });
});
