/** The adapter to the package @statelyai/inspect, with the package itself. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import {
  type InspectedActor,
  statelyInspector,
  type StatelyMessage,
  type StatelyOptions,
} from '../../src/inspect/index.js';
import { Scheduler, type SchedulerOptions } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

/** What is read of messages. */
interface Message extends StatelyMessage {
  readonly name?: string;
  readonly definition?: string;
  readonly parentId?: string;
  readonly rootId: string;
  readonly sourceId?: string;
  readonly event?: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly snapshot?: {
    readonly value: unknown;
    readonly context: unknown;
    readonly status: string;
    readonly error?: unknown;
  };
}

/** An inspector with simulated time, and what it has sent; `told` also waits for the package, which defers each message. */
async function inspector(options: Omit<StatelyOptions, 'send'> = {}) {
  const clock = new SimulatedClock();
  const messages: Message[] = [];
  const arrivals = new EventTarget();
  const inspect = await statelyInspector({
    ...options,
    send: (message) => {
      messages.push(message as Message);
      arrivals.dispatchEvent(new Event('arrival'));
    },
    _clock: clock,
  });
  /** Passes the interval and waits for the message that `isLast` knows. */
  const told = async (isLast: (message: Message) => boolean): Promise<readonly Message[]> => {
    clock.advanceTo(clock.now() + 100);
    while (!messages.some((message) => isLast(message))) await once(arrivals, 'arrival');
    return messages;
  };
  return { clock, inspect, messages, told };
}

const isState = (value: unknown) => (message: Message) =>
  message.type === '@xstate.snapshot' && JSON.stringify(message.snapshot?.value) === JSON.stringify(value);

const namesIn = (messages: readonly Message[]): string[] =>
  messages.filter(({ type }) => type === '@xstate.actor').map(({ name }) => String(name));

async function run(tasks: number, options: SchedulerOptions): Promise<void> {
  const scheduler = new Scheduler(options);
  const work = scheduler.queue('work', { concurrency: 2 });
  for (let n = 0; n < tasks; n += 1) work.submit({ id: `task ${n}` }, () => ({ n }));
  scheduler.start();
  await scheduler.wait();
  await scheduler.close();
}

describe('statelyInspector', () => {
  test.each(['compiled', 'xstate'] as const)(
    'shows scheduler and queues with their charts, run by %s',
    async (interpreter) => {
      const { inspect, told } = await inspector();
      await run(3, { inspect, interpreter });
      const messages = await told(isState('closed'));
      expect(namesIn(messages)).toEqual(['scheduler', 'work']);
      const [scheduler, work] = messages.filter(({ type }) => type === '@xstate.actor');
      expect(work).toMatchObject({ parentId: scheduler?.sessionId, rootId: scheduler?.rootId });
      const charts = [scheduler, work].map((actor) => JSON.parse(actor?.definition ?? '') as { states: object });
      expect(charts.map(({ states }) => Object.keys(states))).toEqual([
        ['closed', 'closing', 'draining', 'running', 'stopped'],
        ['activity', 'admission', 'flow', 'gate'],
      ]);
      expect(JSON.parse(JSON.stringify(messages))).toEqual(messages);
    },
  );

  test('sends one snapshot of an actor in an interval, and no more events than are asked for', async () => {
    const { inspect, told } = await inspector({ maxEvents: 5 });
    await run(50, { inspect });
    const messages = await told(({ event }) => event?.type === 'inspection.leftOut');
    const about = messages.filter(({ type }) => type === '@xstate.snapshot').map(({ sessionId }) => sessionId);
    expect(about).toHaveLength(new Set(about).size);
    const events = messages.filter(({ type }) => type === '@xstate.event');
    expect(events).toHaveLength(6);
    expect(events.at(-1)?.event).toMatchObject({ tasks: 0 });
    expect(Number(events.at(-1)?.event?.['events'])).toBeGreaterThan(50);
  });

  test('shows the tasks that are asked for, and asks once for each actor', async () => {
    const asked: InspectedActor[] = [];
    const actors = (actor: InspectedActor): boolean =>
      asked.push(actor) > 0 && actor.kind === 'task' && actor.id === 'task 1';
    const { inspect, told } = await inspector({ actors });
    await run(3, { inspect });
    const messages = await told(isState('done'));
    expect(namesIn(messages)).toEqual(['task 1']);
    expect(asked.map(({ kind, id, queue }) => `${kind} ${id} ${queue}`).toSorted()).toEqual([
      'queue work undefined',
      'scheduler scheduler undefined',
      'task task 0 work',
      'task task 1 work',
      'task task 2 work',
    ]);
    const done = messages.find(isState('done'))?.snapshot;
    expect(done).toMatchObject({ status: 'done', context: { outcome: { status: 'done', result: '{ n: 1 }' } } });
  });

  test('shows no more tasks at a time than are asked for, and counts the others', async () => {
    const { inspect, told } = await inspector({ actors: () => true, maxTasks: 2 });
    await run(5, { inspect });
    const messages = await told(({ event }) => event?.type === 'inspection.leftOut');
    expect(namesIn(messages).filter((name) => name.startsWith('task'))).toHaveLength(2);
    expect(messages.at(-1)?.event).toMatchObject({ tasks: 3 });
  });

  test('asks a function that throws once for each actor', async () => {
    let asked = 0;
    const { inspect } = await inspector({
      actors: () => {
        asked += 1;
        throw new Error('no answer');
      },
    });
    const scheduler = new Scheduler();
    const work = scheduler.queue('work');
    let thrown = 0;
    scheduler.actor.system.inspect((message) => {
      try {
        inspect.next(message);
      } catch {
        thrown += 1;
      }
    });
    work.submit(() => 1);
    scheduler.start();
    await scheduler.close();
    expect([asked, thrown]).toEqual([3, 3]);
  });

  test('attached later shows what is there as soon as it moves', async () => {
    const { inspect, told } = await inspector();
    await using scheduler = new Scheduler();
    const work = scheduler.queue('work');
    scheduler.actor.system.inspect(inspect);
    work.submit(() => 1);
    scheduler.start();
    await scheduler.wait();
    expect(namesIn(await told(isState({ running: 'idle' }))).toSorted()).toEqual(['scheduler', 'work']);
  });

  test('shows nothing of the machines beside a scheduler', async () => {
    const { inspect, told } = await inspector();
    const parent = createActor(createMachine({ id: 'service' }), { inspect }).start();
    await run(1, { parent });
    expect(namesIn(await told(isState('closed')))).toEqual(['scheduler', 'work']);
  });

  test('calls nothing of a result that throws from whatever looks at it', async () => {
    const { inspect, told } = await inspector({ actors: ({ kind }) => kind === 'task' });
    const hostile = new Proxy({}, { get: () => fail(), ownKeys: () => fail(), getPrototypeOf: () => fail() });
    const scheduler = new Scheduler({ inspect });
    const handle = scheduler.queue('work').submit({ id: 'bad' }, () => [{ hostile, toJSON: fail }, 1n]);
    scheduler.start();
    await handle.settled();
    const messages = await told(isState('done'));
    expect(JSON.stringify(messages.at(-1))).toContain('hostile');
    await scheduler.close();
  });

  test.each([
    { send: undefined },
    { send: 1 },
    { actors: true },
    { intervalMs: 0 },
    { maxEvents: -1 },
    { maxTasks: 0.5 },
    { port: 1 },
  ])('refuses the options %j', async (options) => {
    await expect(statelyInspector({ send: fail, ...options } as never)).rejects.toMatchObject({
      code: 'InvalidOption',
    });
  });
});

function fail(): never {
  throw new Error('looked at');
}
