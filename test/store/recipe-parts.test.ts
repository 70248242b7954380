/** What a store has of a recipe. A change of any of it makes every task of every user run once more, and no shorter test would notice. */
import { describe, expect, test } from 'vitest';
import type { Recipe, StoreSession } from '../../src/core/store-port.js';
import type { Handle, Queue } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import type { Attempt } from '../../src/core/ports.js';
import { refusalOf } from '../support/refusal.js';
import { opened } from '../support/store-session.js';
import { type Run, run, toItsEnd } from '../support/store-run.js';

const version = 1;
const take = (..._values: readonly unknown[]): number => 1;
function* countTo(n: number): Generator<number> {
  for (let k = 0; k < n; k += 1) yield k;
}

/** Runs the program, and looks at what the store then has under a key. */
async function afterwards<T>(
  program: (of: Run) => void,
  look: (recipeOf: (key: string) => Recipe, session: StoreSession) => T,
): Promise<T> {
  const store = memoryStore();
  const first = run(store);
  program(first);
  await toItsEnd(first);
  const { session } = opened(store);
  return look((key) => session.find(key)?.recipe ?? expect.unreachable(`nothing is kept under ${key}`), session);
}

describe('an argument stands in a recipe', () => {
  test.each<[string, unknown, string]>([
    ['a short text', 'short', 'sshort'],
    ['an empty text', '', 's'],
    ['a text of 16 characters', 'x'.repeat(16), `s${'x'.repeat(16)}`],
    ['an integer', 7, 'n7'],
    ['a negative integer', -7, 'n-7'],
  ])('as itself: %s', async (_, value, expected) => {
    const recipe = await afterwards(
      ({ queue }) => queue.submit({ key: 't', version }, take, value),
      (of) => of('t'),
    );
    expect(recipe).toMatchObject({ name: 'take', args: [expected], dependencies: [] });
  });

  test.each<[string, unknown]>([
    ['a text of 17 characters', 'x'.repeat(17)],
    ['zero', 0],
    ['negative zero', -0],
    ['a fraction', 0.5],
    ['a number beyond the safe integers', 2 ** 53],
    ['null', null],
    ['true', true],
    ['undefined', undefined],
    ['a list', ['short']],
    ['an object', { n: 7 }],
  ])('as its fingerprint: %s', async (_, value) => {
    const [args, fingerprint] = await afterwards(
      ({ queue }) => queue.submit({ key: 't', version }, take, value),
      (of, session) => [of('t').args, session.fingerprintOf(value, 'it')],
    );
    expect(args).toEqual([fingerprint]);
  });

  test.each([2, 16, 17, 40])('as the place of its task and index among %i dependencies', async (count) => {
    const half = Math.ceil(count / 2);
    const [recipe, nested] = await afterwards(
      ({ queue }) => {
        const streams = ['a', 'b'].map((id) => queue.stream({ id, version }, countTo, half));
        const parts = streams.flatMap((stream) => Array.from({ length: half }, (__, at) => stream.at(at)));
        const handles = parts.slice(0, count);
        queue.submit({ key: 't', version }, take, ...handles, handles.at(-1), { not: 'a handle' });
        queue.submit({ key: 'nested', version }, take, ...handles, [handles.at(-1)]);
      },
      (of) => [of('t'), of('nested')],
    );
    const places = Array.from({ length: count }, (__, at) => `#${at}`);
    expect(recipe.dependencies).toHaveLength(count);
    expect(recipe.args.slice(0, count + 1)).toEqual([...places, `#${count - 1}`]);
    expect(nested.args.slice(0, count)).toEqual(places);
    expect(nested.args[count]).not.toBe(recipe.args[count + 1]);
  });

  test('as the place of the whole of a task, or of one of its results', async () => {
    const recipe = await afterwards(
      ({ queue }) => {
        const stream = queue.stream({ key: 's', version }, countTo, 2);
        queue.submit({ key: 't', version }, take, stream.at(0), stream, stream.at(0), stream.at(1));
      },
      (of) => of('t'),
    );
    expect(recipe.args).toEqual(['#0', '#1', '#0', '#2']);
    expect(recipe.dependencies.map(({ name }) => name)).toEqual(['s#0', 's', 's#1']);
  });
});

describe('a recipe', () => {
  test('is that of the function, the arguments and the recipes of the dependencies, in this order', async () => {
    const [t, s, expected] = await afterwards(
      ({ queue }) => {
        const stream = queue.stream({ key: 's', version }, countTo, 2);
        queue.submit({ key: 't', version }, take, 'x', stream, stream.at(1));
      },
      (of, session) => {
        const { fn, args } = of('t');
        const { whole } = of('s');
        return [of('t'), of('s'), session.digest([fn, ...args, '', whole, `${whole}#1`])];
      },
    );
    expect(t.whole).toBe(expected);
    expect(t.dependencies).toEqual([
      { name: 's', recipe: s.whole },
      { name: 's#1', recipe: `${s.whole}#1` },
    ]);
    expect([s.name, s.fn.endsWith('*'), t.fn.endsWith('*')]).toEqual(['countTo*', true, false]);
  });

  test('of a task without a key names the queue, the function and what it is made from', async () => {
    const [name, expected] = await afterwards(
      ({ queue }) => {
        const a = queue.submit({ key: 'a', version }, take, 1);
        const middle = queue.submit({ version }, take, a, 'x');
        queue.submit({ key: 't', version }, take, middle);
      },
      (of, session) => [of('t').dependencies[0]?.name, `q/take(${session.digest(['#0', 'sx', '', 'a'])})`],
    );
    expect(name).toBe(expected);
  });

  test('made later, for a task without a version, is that which it would have had', async () => {
    const [dependency, expected] = await afterwards(
      ({ queue }) => {
        const a = queue.submit({ key: 'a' }, take, 1);
        const stream = queue.stream({ key: 's' }, countTo, 2);
        queue.submit({ key: 't' }, take, queue.submit(take, a, stream.at(1)));
        queue.submit({ key: 'same' }, take, a, stream.at(1));
      },
      (of) => [of('t').dependencies[0]?.recipe, of('same').whole],
    );
    expect(dependency).toBe(expected);
    expect(dependency).toBeDefined();
  });

  test('that cannot be known has no fingerprint, and names the function all the same', async () => {
    const recipe = await afterwards(
      ({ queue }) => {
        const native = queue.submit(Math.abs, -3);
        const factor = native.id.length;
        const closure = queue.submit(() => factor);
        queue.submit({ key: 't', version }, take, native, closure);
      },
      (of) => of('t'),
    );
    expect(recipe.dependencies).toEqual([
      { name: 'q/abs(?)', recipe: undefined },
      { name: 'q/anonymous(?)', recipe: undefined },
    ]);
    expect(recipe.whole).toBeUndefined();
  });

  test('says nothing of a dependency that had settled without one', async () => {
    const store = memoryStore();
    const first = run(store);
    const a = first.queue.submit(take, 1);
    first.scheduler.start();
    await a.result();
    first.queue.submit({ key: 't', version }, take, a);
    await toItsEnd(first);
    const { session } = opened(store);
    expect(session.find('t')).toMatchObject({
      recipe: { dependencies: [{ name: '?', recipe: undefined }], whole: undefined },
      inputs: [session.fingerprintOf(1, 'it')],
    });
  });

  test.each([1, 20])(
    'is refused for a handle too far back in a set for it to be noticed, beside %i others',
    (count) => {
      const { queue } = run(memoryStore());
      const handles: Handle<unknown>[] = Array.from({ length: count }, () => queue.submit({ version }, take));
      const values = new Set<unknown>(Array.from({ length: 1_000 }, (_, n) => n)).add(queue.submit(take));
      const { code, message } = refusalOf(() => queue.submit({ key: 't', version }, take, values, ...handles));
      expect([code, message]).toEqual(['NotStorable', expect.stringContaining('argument 1 of take')]);
    },
  );
});

describe('a command', () => {
  const executor = {
    name: 'commands',
    runsCommands: true,
    run: (attempt: Attempt): void => attempt.done(''),
    abort: (): void => undefined,
    close: (): Promise<void> => Promise.resolve(),
  };

  test.each<[string, (queue: Queue) => Handle<unknown>, boolean]>([
    ['the same', (queue) => queue.run('convert', ['a']), true],
    ['another program', (queue) => queue.run('compress', ['a']), false],
    ['another argument', (queue) => queue.run('convert', ['b']), false],
    ['other exit codes that are no failures', (queue) => queue.run('convert', ['a'], { okExitCodes: [0, 1] }), false],
    ['another limit of its output', (queue) => queue.run('convert', ['a'], { maxBytes: 5 }), false],
    ['a shell', (queue) => queue.run('convert', ['a'], { shell: true }), false],
  ])('that ran is found again where it is run with %s', async (_, command, isFound) => {
    const store = memoryStore();
    const first = run(store, { store: true, executor });
    first.queue.run('convert', ['a']);
    await toItsEnd(first);
    const second = run(store, { store: true, executor });
    expect(command(second.queue).state).toBe(isFound ? 'done' : 'ready');
  });

  test('is called one in its key and its recipe', async () => {
    const store = memoryStore();
    const first = run(store, { store: true, executor });
    first.queue.run('convert', ['a']);
    await toItsEnd(first);
    const second = run(store, { store: true, executor });
    second.queue.run('convert', ['a']);
    const [restored = ''] = second.restored;
    expect(restored).toMatch(/=q\/command\([^)]+\)$/);
    await second.scheduler.terminate();
    const recipe = opened(store).session.find(restored.slice(restored.indexOf('=') + 1))?.recipe;
    expect([recipe?.name, recipe?.fn]).toEqual(['command', 'command']);
  });
});

test('keys that are derived name the queue and the function, and count equal submissions', async () => {
  const store = memoryStore();
  const first = run(store, { store: true });
  const submit = ({ queue }: Run) => [1, 1, 2, 1].map((n, at) => queue.submit({ id: `t${at}`, version }, take, n));
  submit(first);
  await toItsEnd(first);
  const second = run(store, { store: true });
  submit(second);
  await second.scheduler.terminate();
  const { session } = opened(store);
  const key = (n: number): string => `q/take(${session.digest([`n${n}`, ''])})`;
  expect(second.restored).toEqual([`t0=${key(1)}`, `t1=${key(1)}~2`, `t2=${key(2)}`, `t3=${key(1)}~3`]);
});
