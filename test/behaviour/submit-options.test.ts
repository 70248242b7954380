/** The options of a submission and the arguments of a command: what is refused, in which words, and what is just allowed. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Handle, type Queue, Scheduler, type SubmitOptions } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

function* several(): Generator<number> {
  yield 1;
}

function idle(): { readonly scheduler: Scheduler; readonly queue: Queue; readonly held: Handle<number> } {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('q', { resources: { memory: 4, disk: 2 }, rateByKey: { limit: 1, intervalMs: 1 } });
  return { scheduler, queue, held: queue.submit({ id: 'held', hold: true }, () => 1) };
}

/** The queue as a program without types calls it. */
function untyped(queue: Queue): Record<'submit' | 'run', (...given: readonly unknown[]) => unknown> {
  return queue as unknown as ReturnType<typeof untyped>;
}

describe('a submission is refused with', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ id: 7 }, "a task's id must be a string, not empty and not beginning with #, got 7"],
    [{ id: '' }, 'a task\'s id must be a string, not empty and not beginning with #, got ""'],
    [{ id: '#a' }, 'a task\'s id must be a string, not empty and not beginning with #, got "#a"'],
    [{ kind: 7 }, 'a kind must be a string that is not empty, got 7'],
    [{ kind: '' }, 'a kind must be a string that is not empty, got ""'],
    [{ hold: 1 }, 'hold must be true or false, got 1'],
    [{ release: 'held' }, 'release and after take arrays of handles'],
    [{ after: 'held' }, 'release and after take arrays of handles'],
    [{ release: ['held'] }, 'release and after take handles, got "held"'],
    [{ after: ['held'] }, 'release and after take handles, got "held"'],
    [{ priority: 1.5 }, 'a priority must be an integer, got 1.5'],
    [{ priority: '1' }, 'a priority must be an integer, got "1"'],
    [{ results: 1.5 }, 'the number of results must be an integer, got 1.5'],
    [{ ahead: 0 }, 'ahead must be an integer of at least 1, got 0'],
    [{ ahead: 1.5 }, 'ahead must be an integer of at least 1, got 1.5'],
    [{ rateKey: 7 }, 'rateKey must be a string, got 7'],
    [{ group: {} }, 'group must be made by scheduler.group(), got [object Object]'],
    [{ signal: {} }, 'signal must be an AbortSignal, got [object Object]'],
    [{ store: 1 }, 'store must be true or false, got 1'],
    [{ store: false, key: 'k' }, 'a task with store: false is not kept and has no key, got "k"'],
    [{ key: 7 }, 'a key must be a string that is not empty, got 7'],
    [{ key: '' }, 'a key must be a string that is not empty, got ""'],
    [{ version: true }, 'a version must be a string or a number, got true'],
  ])('%j', (options, message) => {
    const { queue } = idle();
    const error = refusalOf(() => queue.submit(options as SubmitOptions, several));
    expect([error.code, error.message]).toEqual(['InvalidOption', message]);
  });

  test.each([
    [{ results: 1 }, 'results is for tasks that deliver several: a generator function, or queue.stream'],
    [{ ahead: 1 }, 'ahead is for tasks that deliver several: a generator function, or queue.stream'],
    [{ results: 1, ahead: 1 }, 'ahead is for tasks that deliver several: a generator function, or queue.stream'],
  ])('%j for a task of one result', (options, message) => {
    const { queue } = idle();
    const error = refusalOf(() => queue.submit(options, () => 1));
    expect([error.code, error.message]).toEqual(['InvalidOption', message]);
    expect(queue.stream(options, () => [1]).state).toBe('ready');
  });

  test('the release of what is not held, or of one result', () => {
    const { queue, held } = idle();
    const plain = queue.submit({ id: 'plain' }, () => 1);
    const bare = queue.submit(() => 1);
    const stream = queue.stream({ id: 's', hold: true }, several);
    for (const [release, id] of [
      [plain, 'plain'],
      [bare, '#3'],
      [stream.at(0), 's#0'],
    ] as const) {
      const error = refusalOf(() => queue.submit({ release: [held, release] }, several));
      const message = `task ${id} was not submitted with hold: nothing to release`;
      expect(error).toMatchObject({ code: 'NotHeld', message, tasks: [id] });
    }
  });

  test.each(['an argument', 'release', 'after'])('the handle of another scheduler as %s', (place) => {
    const { queue } = idle();
    const foreign = idle().queue.submit({ id: 'foreign', hold: true }, () => 1);
    const error = refusalOf(() =>
      place === 'an argument' ? queue.submit(String, foreign) : queue.submit({ [place]: [foreign] }, several),
    );
    const message = 'task foreign belongs to another scheduler';
    expect(error).toMatchObject({ code: 'ForeignHandle', message, tasks: ['foreign'] });
  });

  test.each(['options', 'an argument'])('%s that cannot be read', (what) => {
    const { queue } = idle();
    const cause = new RangeError('no');
    const unreadable = {
      get kind(): string {
        throw cause;
      },
    };
    const error = refusalOf(() =>
      what === 'options' ? queue.submit(unreadable, several) : queue.submit(String, unreadable),
    );
    const message = 'the options or arguments of a submission cannot be read: RangeError: no';
    expect(error).toMatchObject({ code: 'InvalidArgument', message, cause });
  });

  test('a rateKey for a queue that has no limit by key', () => {
    const { scheduler } = idle();
    const plain = scheduler.queue('plain');
    const error = refusalOf(() => plain.submit({ rateKey: 'host' }, several));
    const message = 'rateKey is for queues with rateByKey, which queue plain has not';
    expect(error).toMatchObject({ code: 'InvalidOption', message, queue: 'plain' });
  });

  test.each<[string, readonly unknown[], string]>([
    ['nothing', [], 'submit takes a function, or options and a function, got undefined'],
    ['null', [null], 'submit takes a function, or options and a function, got null'],
    ['a text', ['work'], 'submit takes a function, or options and a function, got "work"'],
    ['options alone', [{ id: 'a' }], 'submit takes a function after the options, got undefined'],
    ['options and no function', [{ id: 'a' }, 5], 'submit takes a function after the options, got 5'],
    ['an array', [[1]], 'submit takes a function first, got an array: pass its items after the function'],
    [
      'a promise',
      [Promise.resolve()],
      'submit takes a function, got a promise: pass the function itself, not what it returns',
    ],
  ])('%s in place of a function', (_, args, message) => {
    const { queue } = idle();
    const error = refusalOf(() => untyped(queue).submit(...args));
    expect([error.code, error.message]).toEqual(['InvalidArgument', message]);
  });

  test('a handle in place of a function', () => {
    const { queue, held } = idle();
    const error = refusalOf(() => untyped(queue).submit(held));
    expect(error.message).toBe('submit takes a function first, got the handle of task held: handles are arguments');
  });

  test('a value in place of a function that throws when it is looked at', () => {
    const { queue } = idle();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const error = refusalOf(() => untyped(queue).submit(proxy));
    expect(error.message).toBe('submit takes a function after the options, got undefined');
  });
});

describe('a submission is taken with', () => {
  test.each<[SubmitOptions]>([
    [{}],
    [{ id: 'a', kind: 'k', hold: false, release: [], after: [] }],
    [{ priority: -3, results: 0, ahead: 1 }],
    [{ rateKey: '', signal: new AbortController().signal, store: false }],
    [{ store: true, key: 'k', version: '' }],
    [{ store: false, version: 0 }],
  ])('%j', (options) => {
    expect(idle().queue.stream(options, several).state).toBe('ready');
  });

  test('any of its options, and is told of with them', () => {
    const { scheduler, queue, held } = idle();
    const told: unknown[] = [];
    scheduler.on('submitted', (event) => void told.push(event));
    const stream = queue.stream({ id: 's' }, several);
    const resources = { memory: 2 };
    queue.submit({ id: 'all', priority: 3, resources, hold: true, release: [held] }, String, stream.at(1));
    queue.submit({ id: 'none', after: [stream] }, String);
    expect(told.slice(1)).toEqual([
      {
        type: 'submitted',
        id: 'all',
        queue: 'q',
        needs: ['s#1', 'held'],
        resources,
        priority: 3,
        hold: true,
        release: ['held'],
      },
      { type: 'submitted', id: 'none', queue: 'q', needs: ['s'], resources: {}, priority: 0, hold: false, release: [] },
    ]);
  });
});

describe('a submission is told of', () => {
  test('without what it depends on that is there already, and without options', async () => {
    const scheduler = new Scheduler();
    onTestFinished(() => scheduler.terminate());
    const queue = scheduler.queue('q');
    const stream = queue.submit({ id: 's' }, several);
    const done = queue.submit({ id: 'done' }, () => 1);
    scheduler.start();
    await scheduler.wait();
    await scheduler.stop();
    const told: unknown[] = [];
    scheduler.on('submitted', ({ needs, hold, release }) => void told.push([needs, hold, release]));
    const open = queue.stream({ id: 'open' }, several);
    queue.submit((...all: readonly unknown[]) => all, done, stream.at(0), stream);
    queue.submit((...all: readonly unknown[]) => all, open, open.at(0));
    expect(told).toEqual([
      [[], false, []],
      [[], false, []],
      [['open', 'open#0'], false, []],
    ]);
  });

  test('to the listener among its options, where that is the only one', async () => {
    const { scheduler } = idle();
    const plain = scheduler.queue('plain');
    const told: string[] = [];
    const task = plain.submit({ onSettled: ({ outcome }) => void told.push(outcome.status) }, () => 1);
    task.cancel();
    expect(told).toEqual(['cancelled']);
  });
});

test('a task that is submitted after its dependency has failed fails with that error', async () => {
  const plain = idle().scheduler.queue('plain');
  const failing = plain.submit({ id: 'failing' }, () => 1);
  failing.cancel('enough');
  const late = plain.submit({ id: 'late' }, String, failing);
  expect(await late.settled()).toMatchObject({
    status: 'failed',
    error: { code: 'DependencyFailed', tasks: ['late', 'failing'] },
  });
});

test('an option that does not exist is refused by its name, of a task and of a command', () => {
  const { scheduler, queue } = idle();
  const executor = Object.assign(new ManualExecutor(), { runsCommands: true });
  const commands = scheduler.queue('commands', { executor });
  expect(refusalOf(() => untyped(queue).submit({ every: 1 }, several)).message).toMatch(
    /^submit has no option every\. Its options are id, kind, /,
  );
  expect(refusalOf(() => untyped(commands).run('p', [], { every: 1 })).message).toBe(
    'a command has no option every. Its options are env, cwd, stdin, shell, maxBytes, okExitCodes',
  );
  expect(commands.run('p', [1, 2n, true, 'a'], { maxBytes: 1, okExitCodes: [] }).state).toBe('ready');
});

describe('a signal', () => {
  test('cancels what it was given to, and is listened to once, while any of it is unsettled', () => {
    const { queue } = idle();
    const controller = new AbortController();
    const { signal } = controller;
    const changes: string[] = [];
    for (const method of ['addEventListener', 'removeEventListener'] as const) {
      const original = signal[method].bind(signal);
      signal[method] = (...args: readonly unknown[]) => {
        changes.push(method);
        Reflect.apply(original, signal, args);
      };
    }
    const [a, b, c] = ['a', 'b', 'c'].map((id) => queue.submit({ id, signal }, String)) as [
      Handle<string>,
      Handle<string>,
      Handle<string>,
    ];
    a.cancel();
    expect(changes).toEqual(['addEventListener']);
    controller.abort('enough');
    expect([a, b, c].map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(changes).toEqual(['addEventListener', 'removeEventListener']);
  });

  test('is listened to anew after all that listened has settled', async () => {
    const { queue } = idle();
    const controller = new AbortController();
    const { signal } = controller;
    queue.submit({ signal }, String).cancel();
    const later = queue.submit({ signal }, String);
    controller.abort('enough');
    expect(await later.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(await queue.submit({ signal }, String).settled()).toEqual({ status: 'cancelled', reason: 'enough' });
  });
});

describe('a command is refused with', () => {
  const executor = Object.assign(new ManualExecutor(), { runsCommands: true });
  const WORDS = 'must be a string, number, big integer, boolean or a handle of one, got';

  test.each<[string, readonly unknown[], string, string]>([
    ['no program', [], 'InvalidArgument', 'run takes the name of a program, got undefined'],
    ['an empty program', [''], 'InvalidArgument', 'run takes the name of a program, got ""'],
    ['options and no program', [{ id: 'a' }], 'InvalidArgument', 'run takes the name of a program, got undefined'],
    ['arguments that are no array', ['p', 'a'], 'InvalidArgument', 'the arguments of p must be an array, got "a"'],
    ['an argument that is an object', ['p', ['a', {}]], 'InvalidArgument', `argument 1 of p ${WORDS} [object Object]`],
    ['an argument that is null', ['p', [null]], 'InvalidArgument', `argument 0 of p ${WORDS} null`],
    ['options that are no object', ['p', [], 5], 'InvalidArgument', 'the options of p must be an object, got 5'],
    ['options that are an array', ['p', [], [5]], 'InvalidArgument', 'the options of p must be an object, got 5'],
    ['options that are null', ['p', [], null], 'InvalidArgument', 'the options of p must be an object, got null'],
    ['more than options', ['p', [], {}, 1], 'InvalidArgument', 'run takes nothing after the options'],
    [
      'variables that are no object',
      ['p', [], { env: 'A=1' }],
      'InvalidOption',
      'env of p must be an object, got "A=1"',
    ],
    [
      'a variable that is none',
      ['p', [], { env: { A: {} } }],
      'InvalidArgument',
      `the variable A of p ${WORDS} [object Object]`,
    ],
    ['a folder that is none', ['p', [], { cwd: {} }], 'InvalidArgument', `the folder of p ${WORDS} [object Object]`],
    [
      'a shell that is a path',
      ['p', [], { shell: 'sh' }],
      'InvalidOption',
      'shell of p must be true or false, got "sh"',
    ],
    [
      'no room for output',
      ['p', [], { maxBytes: 0 }],
      'InvalidOption',
      'maxBytes of p must be an integer of at least 1, got 0',
    ],
    [
      'half a byte',
      ['p', [], { maxBytes: 1.5 }],
      'InvalidOption',
      'maxBytes of p must be an integer of at least 1, got 1.5',
    ],
    [
      'one exit code',
      ['p', [], { okExitCodes: 1 }],
      'InvalidOption',
      'okExitCodes of p must be an array of integers, got 1',
    ],
    [
      'an exit code that is none',
      ['p', [], { okExitCodes: [0, 'x'] }],
      'InvalidOption',
      'okExitCodes of p must be an array of integers, got 0,x',
    ],
    [
      'input that is a number',
      ['p', [], { stdin: 5 }],
      'InvalidOption',
      'stdin of p must be text, bytes, lines, a result of a command or a handle of one of these, got 5',
    ],
    [
      'lines that are no texts',
      ['p', [], { stdin: ['a', 5] }],
      'InvalidOption',
      'stdin of p must be text, bytes, lines, a result of a command or a handle of one of these, got a,5',
    ],
  ])('%s', (_, args, code, message) => {
    const queue = idle().scheduler.queue('commands', { executor });
    const error = refusalOf(() => untyped(queue).run(...args));
    expect([error.code, error.message]).toEqual([code, message]);
  });

  test('a queue that runs functions only', () => {
    const { queue } = idle();
    const error = refusalOf(() => queue.run('p'));
    expect(error).toMatchObject({ code: 'CommandsNotSupported', queue: 'q' });
    expect(error.message).toBe(
      'queue q runs functions only (its executor is inline). To run commands, create it with ' +
        `scheduler.queue("q", { executor: processes() }), and import { processes } from 'pullgraph/executors'`,
    );
  });
});
