/** Which functions run in threads, and how they are found. */
import { threadId } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { SchedulerError } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import double, * as arithmetic from './fixtures/arithmetic.js';
import * as twin from './fixtures/arithmetic-twin.js';
import { filePool, fixture, testedPool } from './run-in-threads.js';

const pool = filePool('arithmetic.js');

describe('an exported function', () => {
  test('runs in another thread, unchanged', async () => {
    expect(await pool.run(arithmetic.add, 2, 3).value()).toBe(5);
    expect(await pool.run(arithmetic.whichThread).value()).not.toBe(threadId);
  });

  test('may be async', async () => {
    expect(await pool.run(arithmetic.addLater, 2, 3).value()).toBe(5);
  });

  test('may be the default export', async () => {
    expect(await pool.run(double, 4).value()).toBe(8);
  });

  test('may be exported twice', async () => {
    expect(await pool.run(arithmetic.plus, 1, 1).value()).toBe(2);
  });

  test('of another instance of the module is found by name and text', async () => {
    expect(await pool.run(twin.half, 8).value()).toBe(4);
  });
});

describe('a function that is no export of the module', () => {
  test('fails its attempt, and the error names the function, the module and its exports', async () => {
    function stranger(): void {}
    const error = await pool.runWith({ id: 'lost' }, stranger).error();
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject({ code: 'FunctionNotFound', tasks: ['lost'] });
    expect(String(error)).toContain('function stranger');
    expect(String(error)).toContain(fixture('arithmetic.js').href);
    expect(String(error)).toMatch(/add, addLater,.* half/);
  });

  test('is not taken for one of the same name and another text', async () => {
    expect(await pool.run(twin.add, 1, 2).error()).toMatchObject({ code: 'FunctionNotFound' });
  });

  test('is not found by text where the text says nothing', async () => {
    // Of the same name as the default export, which is bound too, to other arguments.
    const bound = twin.add.bind(undefined, 1, 2);
    const error = await testedPool('arithmetic-twin.js').run(bound).error();
    expect(error).toMatchObject({ code: 'FunctionNotFound' });
  });
});

describe('a module that fails to load', () => {
  test('fails its attempts, each with its own error', async () => {
    const failing = testedPool('failing-to-load.js');
    const [first, second] = [failing.run(() => {}), failing.run(() => {})];
    expect(await first.error()).toMatchObject({ name: 'RangeError', message: 'no such device', device: 7 });
    expect(await second.error()).toBe(await first.error());
    expect(await failing.run(() => {}).error()).toBe(await first.error());
  });

  test('that does not exist fails the attempt with what Node says', async () => {
    expect(
      String(
        await testedPool('absent.js')
          .run(() => {})
          .error(),
      ),
    ).toContain('absent.js');
  });

  test('in the workers only fails the attempt with its own error', async () => {
    const { never } = await import('./fixtures/failing-to-load-in-workers.js');
    const failing = testedPool('failing-to-load-in-workers.js');
    const error = await failing.run(never).error();
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: 'main thread only' });
    expect(await failing.run(never).error()).toMatchObject({ message: 'main thread only' });
  });
});

describe('options', () => {
  test.each([
    ['a size of nothing', { size: 0 }],
    ['a fractional size', { size: 1.5 }],
    ['a negative grace', { graceMs: -1 }],
    ['an idle time that no timer can wait', { idleMs: Number.POSITIVE_INFINITY }],
  ])('%s is refused at once', (_, options) => {
    expect(() => threads(fixture('arithmetic.js'), options)).toThrow(
      expect.objectContaining({ code: 'InvalidOption' }) as Error,
    );
  });

  test('an option that does not exist is refused at once, with the name that was meant', () => {
    const misspelt: object = { grace: 5 };
    expect(() => threads(fixture('arithmetic.ts'), misspelt)).toThrow(
      'threads has no option grace; did you mean graceMs? Its options are size, share, graceMs, idleMs, resourceLimits',
    );
  });

  test('a relative path is refused at once, since nobody knows relative to what', () => {
    expect(() => threads('./arithmetic.ts')).toThrow(expect.objectContaining({ code: 'InvalidOption' }) as Error);
  });

  test.each([
    ['a URL as text', fixture('arithmetic.js').href],
    ['an absolute path', fixture('arithmetic.js').pathname],
  ])('%s names a module', async (_, moduleUrl) => {
    const executor = threads(moduleUrl);
    expect(executor.name).toBe('threads');
    await executor.close();
  });
});
