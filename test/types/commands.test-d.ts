import { describe, expectTypeOf, test } from 'vitest';
import type { CommandResult, Handle, StreamHandle } from '../../src/index.js';
import { double, numbers, queue, text } from './typed-tasks.js';

const objects = queue.submit(() => ({ a: 1 }));
const result = queue.run('echo');
const bytes = queue.submit(() => new Uint8Array(1));

describe('commands', () => {
  test('give handles of results, or of lines', () => {
    expectTypeOf(queue.run('echo', ['a', 1, 2n, true])).toEqualTypeOf<Handle<CommandResult>>();
    expectTypeOf(queue.run({ id: 'a' }, 'echo', [], { shell: true })).toEqualTypeOf<Handle<CommandResult>>();
    expectTypeOf(queue.lines('echo')).toEqualTypeOf<StreamHandle<string>>();
    expectTypeOf(queue.lines('echo').at(0)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit((done) => done.stdout, result)).toEqualTypeOf<Handle<string>>();
  });

  test('take handles of what can become text, and no others', () => {
    const some = queue.run('echo', [queue.submit(double, 1), text, result, queue.lines('ls').at(0)]);
    expectTypeOf(some).toEqualTypeOf<Handle<CommandResult>>();
    const placed = queue.run('echo', [], { env: { A: text, B: 1 }, cwd: result });
    expectTypeOf(placed).toEqualTypeOf<Handle<CommandResult>>();
    // @ts-expect-error -- an object is no text
    queue.run('echo', [objects]);
    // @ts-expect-error -- nor is a list, which would be how many arguments
    queue.run('echo', [numbers]);
    // @ts-expect-error -- nor is undefined
    queue.run('echo', [undefined]);
    // @ts-expect-error -- a variable has to have a value
    queue.run('echo', [], { env: { A: objects } });
  });

  test('read text, bytes, lines or what another command printed', () => {
    for (const stdin of ['a', new Uint8Array(1), ['a', 'b'], text, bytes, result, queue.lines('ls')]) {
      expectTypeOf(queue.run('cat', [], { stdin })).toEqualTypeOf<Handle<CommandResult>>();
    }
    // @ts-expect-error -- numbers are no text to be read
    queue.run('cat', [], { stdin: queue.submit(double, 1) });
    // @ts-expect-error -- nor are lists of them
    queue.run('cat', [], { stdin: numbers });
  });

  test('take what they know only', () => {
    expectTypeOf(queue.run({ priority: 1 }, 'echo')).toEqualTypeOf<Handle<CommandResult>>();
    // @ts-expect-error -- options of the task come first
    queue.run('echo', [], { id: 'a' });
    // @ts-expect-error -- arguments are a list
    queue.run('echo', 'a');
  });
});
