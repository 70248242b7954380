/** What a submission is refused for, and that nothing of a refused one is left. */
import { describe, expect, test } from 'vitest';
import { type ErrorCode, Handle, type Queue, Scheduler, type StreamHandle } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

const work = (): number => 1;

interface Environment {
  readonly scheduler: Scheduler;
  /** With 4 of `ram` and 1 of `disk`. */
  readonly queue: Queue;
  /** Submitted with `hold`. */
  readonly holder: Handle<number>;
  readonly plain: Handle<number>;
  readonly stream: StreamHandle<number>;
  /** Of another scheduler. */
  readonly alien: Handle<number>;
}

function environment(): Environment {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', {
    concurrency: 1,
    resources: { ram: 4, disk: 1 },
    executor: new ManualExecutor(),
  });
  const elsewhere = new Scheduler().queue('elsewhere', { executor: new ManualExecutor() });
  return {
    scheduler,
    queue,
    holder: queue.submit({ id: 'holder', hold: true }, work),
    plain: queue.submit({ id: 'plain' }, work),
    stream: queue.stream({ id: 'stream' }, () => [1]),
    alien: elsewhere.submit({ id: 'alien' }, work),
  };
}

/** An argument that the types refuse as well. */
const wrong = (value: unknown): never => value as never;

interface Misuse {
  readonly what: string;
  readonly code: ErrorCode;
  readonly tasks?: readonly string[];
  readonly queue?: string;
  readonly message: RegExp;
  readonly call: (around: Environment) => unknown;
}

const takesAnything = (...args: readonly unknown[]): unknown => args;

const misuses: readonly Misuse[] = [
  {
    what: 'no function at all',
    code: 'InvalidArgument',
    message: /a function/,
    call: ({ queue }) => (queue.submit as (...args: unknown[]) => unknown)(),
  },
  {
    what: 'a number in place of the function',
    code: 'InvalidArgument',
    message: /got 5/,
    call: ({ queue }) => queue.submit(wrong(5)),
  },
  {
    what: 'options without a function',
    code: 'InvalidArgument',
    message: /after the options, got "a string"/,
    call: ({ queue }) => queue.submit({ id: 'fresh' }, wrong('a string')),
  },
  {
    what: 'a stream without a function',
    code: 'InvalidArgument',
    message: /got null/,
    call: ({ queue }) => queue.stream(wrong(null)),
  },
  {
    what: 'an option nobody knows',
    code: 'InvalidOption',
    message: /no option retries/,
    call: ({ queue }) => queue.submit(wrong({ id: 'fresh', retries: 3 }), work),
  },
  ...['', '#1', 5, null].map(
    (id): Misuse => ({
      what: `an id that is ${JSON.stringify(id)}`,
      code: 'InvalidOption',
      message: /id/,
      call: ({ queue }) => queue.submit({ id: wrong(id) }, work),
    }),
  ),
  {
    what: 'a hold that is no boolean',
    code: 'InvalidOption',
    message: /hold .* got "yes"/,
    call: ({ queue }) => queue.submit({ id: 'fresh', hold: wrong('yes') }, work),
  },
  ...[1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'].map(
    (priority): Misuse => ({
      what: `a priority of ${String(priority)}`,
      code: 'InvalidOption',
      message: /priority/,
      call: ({ queue }) => queue.submit({ id: 'fresh', priority: wrong(priority) }, work),
    }),
  ),
  ...[-1, 1.5, Number.NaN, '2'].map(
    (results): Misuse => ({
      what: `a number of results that is ${String(results)}`,
      code: 'InvalidOption',
      message: /number of results/,
      call: ({ queue }) => queue.stream({ id: 'fresh', results: wrong(results) }, () => [1]),
    }),
  ),
  {
    what: 'a number of results for a function with one',
    code: 'InvalidOption',
    message: /results/,
    call: ({ queue }) => queue.submit({ id: 'fresh', results: 2 }, work),
  },
  {
    what: 'a signal that is none',
    code: 'InvalidOption',
    message: /AbortSignal/,
    call: ({ queue }) => queue.submit({ id: 'fresh', signal: wrong({ aborted: false }) }, work),
  },
  ...[Number.NaN, -1, Number.POSITIVE_INFINITY, '1', null].map(
    (amount): Misuse => ({
      what: `a demand of ${String(amount)}`,
      code: 'InvalidOption',
      message: /ram/,
      call: ({ queue }) => queue.submit({ id: 'fresh', resources: { ram: wrong(amount) } }, work),
    }),
  ),
  {
    what: 'resources that are null',
    code: 'InvalidOption',
    message: /resources/,
    call: ({ queue }) => queue.submit({ id: 'fresh', resources: wrong(null) }, work),
  },
  {
    what: 'a resource that the queue does not have',
    code: 'UnknownResource',
    queue: 'q',
    message: /no resource gpu: it has ram, disk/,
    call: ({ queue }) => queue.submit({ id: 'fresh', resources: { ram: 1, gpu: 1 } }, work),
  },
  {
    what: 'a resource named like a property of every object',
    code: 'UnknownResource',
    queue: 'q',
    message: /constructor/,
    call: ({ queue }) => queue.submit({ id: 'fresh', resources: { constructor: wrong(1) } }, work),
  },
  {
    what: 'more of a resource than there is',
    code: 'DemandOverCapacity',
    queue: 'q',
    message: /demands 5 of ram, queue q has 4/,
    call: ({ queue }) => queue.submit({ id: 'fresh', resources: { disk: 1, ram: 5 } }, work),
  },
  {
    what: "another scheduler's handle as an argument",
    code: 'ForeignHandle',
    tasks: ['alien'],
    message: /alien/,
    call: ({ queue, alien }) => queue.submit({ id: 'fresh' }, takesAnything, alien),
  },
  {
    what: "another scheduler's handle deep in an argument",
    code: 'ForeignHandle',
    tasks: ['alien'],
    message: /alien/,
    call: ({ queue, plain, alien }) => queue.submit({ id: 'fresh' }, takesAnything, [plain, { deep: [alien] }]),
  },
  {
    what: "another scheduler's handle in after",
    code: 'ForeignHandle',
    tasks: ['alien'],
    message: /alien/,
    call: ({ queue, plain, alien }) => queue.submit({ id: 'fresh', after: [plain, alien] }, work),
  },
  {
    what: "another scheduler's handle in release",
    code: 'ForeignHandle',
    tasks: ['alien'],
    message: /alien/,
    call: ({ queue, alien }) => queue.submit({ id: 'fresh', release: [alien] }, work),
  },
  {
    what: 'a release of a task that does not hold',
    code: 'NotHeld',
    tasks: ['plain'],
    message: /plain/,
    call: ({ queue, holder, plain }) => queue.submit({ id: 'fresh', release: [holder, plain] }, work),
  },
  {
    what: 'a release of a partial result',
    code: 'NotHeld',
    tasks: ['stream#0'],
    message: /stream#0/,
    call: ({ queue, stream }) => queue.submit({ id: 'fresh', release: [stream.at(0)] }, work),
  },
  ...(['release', 'after'] as const).flatMap((option): Misuse[] => [
    {
      what: `a name in ${option}`,
      code: 'InvalidOption',
      message: /got "plain"/,
      call: ({ queue }) => queue.submit({ id: 'fresh', [option]: ['plain'] }, work),
    },
    {
      what: `a handle in place of an array as ${option}`,
      code: 'InvalidOption',
      message: new RegExp(option),
      call: ({ queue, holder }) => queue.submit({ id: 'fresh', [option]: holder }, work),
    },
  ]),
  {
    what: 'the id of an unsettled task',
    code: 'DuplicateTask',
    tasks: ['plain'],
    message: /plain/,
    call: ({ queue, plain }) => queue.submit({ id: 'plain' }, takesAnything, plain),
  },
];

describe('a submission is refused at once, and leaves nothing behind, for', () => {
  test.each(misuses)('$what', ({ code, tasks = [], queue: queueName, message, call }) => {
    const around = environment();
    const { scheduler, queue, plain, holder } = around;
    const before = { unsettled: scheduler._unsettled, states: [plain.state, holder.state], plainWhy: plain.why() };

    const error = refusalOf(() => call(around));

    expect({ code: error.code, tasks: error.tasks, name: error.name }).toEqual({ code, tasks, name: 'SchedulerError' });
    if (queueName !== undefined) expect(error.queue).toBe(queueName);
    expect(error.message).toMatch(message);
    expect({
      unsettled: scheduler._unsettled,
      states: [plain.state, holder.state],
      plainWhy: plain.why(),
    }).toEqual(before);
    // Neither its name nor a number was used up.
    expect(queue.submit({ id: 'fresh' }, work).id).toBe('fresh');
    expect(queue.submit(work).id).toBe('#5');
  });

  test('what the executor has against the function', () => {
    class Choosy extends ManualExecutor {
      accept(fn: (...args: never[]) => unknown): void {
        if (fn.name === 'unwanted') throw new RangeError('not here');
      }
    }
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { executor: new Choosy() });
    expect(() => queue.submit({ id: 'fresh' }, function unwanted() {})).toThrow(new RangeError('not here'));
    expect(scheduler._unsettled).toEqual([]);
    expect(queue.submit({ id: 'fresh' }, work).id).toBe('fresh');
  });

  test('a scheduler that is closed, or about to be', async () => {
    const { scheduler, queue, holder } = environment();
    const closed = scheduler.terminate();
    expect(refusalOf(() => queue.submit({ id: 'fresh' }, work))).toMatchObject({ code: 'SchedulerClosed', queue: 'q' });
    await closed;
    expect(refusalOf(() => queue.submit(takesAnything, holder))).toMatchObject({ code: 'SchedulerClosed', queue: 'q' });
    expect(refusalOf(() => queue.stream(() => [1]))).toMatchObject({ code: 'SchedulerClosed', queue: 'q' });
    expect(scheduler._unsettled).toEqual([]);
  });
});

describe('a refused call', () => {
  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '0'])('names the wrong index %s', (index) => {
    const { stream } = environment();
    const error = refusalOf(() => stream.at(index as number));
    expect(error.code).toBe('InvalidArgument');
    expect(error.message).toContain(`got ${typeof index === 'string' ? '"0"' : index}`);
  });

  test('adds no second queue of a name', () => {
    const { scheduler, queue } = environment();
    expect(refusalOf(() => scheduler.queue('q', { concurrency: 7 }))).toMatchObject({
      code: 'DuplicateQueue',
      queue: 'q',
    });
    expect([...scheduler.queues.values()]).toEqual([queue]);
    expect(queue.concurrency).toBe(1);
  });

  test.each([
    ['an empty name', '', {}],
    ['a name that is no string', 7, {}],
    ['no slot', 'new', { concurrency: 0 }],
    ['half a slot', 'new', { concurrency: 0.5 }],
    ['a negative number of slots', 'new', { concurrency: -1 }],
    ['no number of slots', 'new', { concurrency: Number.NaN }],
    ['slots as a text', 'new', { concurrency: '2' }],
    ['a negative capacity', 'new', { resources: { ram: -1 } }],
    ['an endless capacity', 'new', { resources: { ram: Number.POSITIVE_INFINITY } }],
    ['a capacity that is no number', 'new', { resources: { ram: 'much' } }],
  ])('adds no queue with %s', (_, name, options) => {
    const { scheduler } = environment();
    expect(refusalOf(() => scheduler.queue(wrong(name), wrong(options))).code).toBe('InvalidOption');
    expect([...scheduler.queues.keys()]).toEqual(['q']);
    expect(scheduler.queue('new').name).toBe('new');
  });

  test('makes no scheduler with an unknown answer to failures', () => {
    const error = refusalOf(() => new Scheduler({ onFailure: 'panic' as 'stop' }));
    expect(error.code).toBe('InvalidOption');
    expect(error.message).toContain('got "panic"');
  });

  test('neither starts a closed scheduler nor adds a queue to it', async () => {
    const { scheduler } = environment();
    await scheduler.terminate();
    expect(refusalOf(() => scheduler.start()).code).toBe('SchedulerClosed');
    expect(refusalOf(() => scheduler.queue('late')).code).toBe('SchedulerClosed');
    expect(scheduler.state).toBe('closed');
    expect([...scheduler.queues.keys()]).toEqual(['q']);
  });
});

describe('an id', () => {
  test('is the place in submission order where none is given', () => {
    const queue = new Scheduler().queue('q');
    const handles = [queue.submit(work), queue.submit({ id: 'named' }, work), queue.submit(work)];
    expect(handles.map(({ id }) => id)).toEqual(['#1', 'named', '#3']);
    expect(handles.map(String)).toEqual(['#1', 'named', '#3']);
  });

  test('is free again once its task has settled', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const first = queue.submit({ id: 'daily' }, () => 'first');
    scheduler.start();
    expect(await first.result()).toBe('first');
    const second = queue.submit({ id: 'daily' }, () => 'second');
    expect(refusalOf(() => queue.submit({ id: 'daily' }, work)).tasks).toEqual(['daily']);
    second.cancel();
    const third = queue.submit({ id: 'daily' }, () => 'third');
    expect(await third.result()).toBe('third');
    expect(await first.result()).toBe('first');
    await scheduler.terminate();
  });

  test('stays taken however many others have come and gone', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q');
    const early = queue.submit({ id: 'early' }, work);
    for (let n = 0; n < 5_000; n += 1) queue.submit({ id: `t${n}` }, work).cancel();
    expect(refusalOf(() => queue.submit({ id: 'early' }, work)).code).toBe('DuplicateTask');
    early.cancel();
    expect(queue.submit({ id: 'early' }, work).state).toBe('ready');
    await scheduler.terminate();
  });
});

test('awaiting a handle gives the handle', async () => {
  const queue = new Scheduler().queue('q');
  const handle = queue.submit(work);
  // oxlint-disable-next-line typescript/await-thenable -- that it changes nothing is the point
  expect(await handle).toBe(handle);
  expect(handle).toBeInstanceOf(Handle);
  expect(handle.queue).toBe('q');
});
