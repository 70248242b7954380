/** `queue.run` and `queue.lines`: what is refused at submission, and what an executor of commands is given. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CommandOptions, CommandResult, type Queue, Scheduler } from '../../src/index.js';
import { commandCall, nameOfCommand, runCommand } from '../../src/core/command.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { refusalOf } from '../support/refusal.js';

class ManualCommands extends ManualExecutor {
  readonly runsCommands = true;
}

function commandQueue(): { readonly scheduler: Scheduler; readonly queue: Queue; readonly executor: ManualCommands } {
  const executor = new ManualCommands();
  const scheduler = new Scheduler();
  onTestFinished(async () => {
    const closed = scheduler.terminate();
    for (const attempt of executor.started) attempt.done(undefined);
    await closed;
  });
  return { scheduler, executor, queue: scheduler.queue('q', { executor }) };
}

describe('a command', () => {
  test('reaches the executor with its options and with results in place of handles', async () => {
    const { scheduler, queue, executor } = commandQueue();
    const size = queue.submit({ id: 'size' }, () => 3);
    const plain = queue.run('convert');
    const full = queue.run({ id: 'full' }, 'convert', ['-size', size, 4n, true], {
      env: { SCALE: size },
      cwd: '/data',
      stdin: ['a', 'b'],
      shell: true,
      maxBytes: 10,
      okExitCodes: [0, 1],
    });
    scheduler.start();
    executor.attemptAt('size').done(3);
    await size.result();
    const call = commandCall(executor.attemptAt('full').args);
    expect(call).toMatchObject({
      plan: { command: 'convert', shell: true, maxBytes: 10, okExitCodes: [0, 1] },
      args: ['-size', 3, 4n, true],
      env: { SCALE: 3 },
      cwd: '/data',
      stdin: ['a', 'b'],
    });
    expect(commandCall(executor.attemptAt(plain.id).args)).toMatchObject({
      plan: { command: 'convert', shell: false, okExitCodes: [0] },
      args: [],
      env: {},
    });
    expect(full.state).toBe('running');
  });

  test.each<[string, readonly unknown[], string, string]>([
    ['no program', [''], 'InvalidArgument', 'run takes the name of a program, got ""'],
    ['a program that is no text', [{}, 5], 'InvalidArgument', 'run takes the name of a program, got 5'],
    ['arguments in a text', ['ls', '-l'], 'InvalidArgument', 'the arguments of ls must be an array, got "-l"'],
    ['an argument that is an object', ['ls', [{}]], 'InvalidArgument', 'argument 0 of ls must be a string, number'],
    ['an argument that is nothing', ['ls', [null]], 'InvalidArgument', 'argument 0 of ls must be a string, number'],
    ['options that are none', ['ls', [], 5], 'InvalidArgument', 'the options of ls must be an object, got 5'],
    ['options in an array', ['ls', [], []], 'InvalidArgument', 'the options of ls must be an object'],
    ['one argument more', ['ls', [], {}, 1], 'InvalidArgument', 'run takes nothing after the options'],
  ])('is refused with %s', (_, given, code, message) => {
    const { queue } = commandQueue();
    const run = (...all: readonly unknown[]): unknown => queue.run(...(all as [string]));
    const error = refusalOf(() => run(...given));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  test.each<[unknown, string]>([
    [{ env: 5 }, 'env of ls must be an object, got 5'],
    [{ env: { A: {} } }, 'the variable A of ls must be a string'],
    [{ cwd: {} }, 'the folder of ls must be a string'],
    [{ stdin: 5 }, 'stdin of ls must be text, bytes, lines, a result of a command or a handle of one of these, got 5'],
    [{ stdin: ['a', 5] }, 'stdin of ls must be text'],
    [{ shell: 1 }, 'shell of ls must be true or false, got 1'],
    [{ maxBytes: 0 }, 'maxBytes of ls must be an integer of at least 1, got 0'],
    [{ maxBytes: 1.5 }, 'maxBytes of ls must be an integer of at least 1, got 1.5'],
    [{ okExitCodes: 0 }, 'okExitCodes of ls must be an array of integers, got 0'],
    [{ okExitCodes: ['0'] }, 'okExitCodes of ls must be an array of integers'],
    [{ shel: true }, 'shel'],
  ])('is refused with the options %j', (options, message) => {
    const { queue } = commandQueue();
    expect(refusalOf(() => queue.run('ls', [], options as CommandOptions)).message).toContain(message);
  });

  test('has one result by run, and a stream of lines by lines', async () => {
    const { scheduler, queue, executor } = commandQueue();
    const whole = queue.run({ id: 'whole' }, 'ls');
    const lines = queue.lines({ id: 'lines' }, 'ls');
    scheduler.start();
    expect(['whole', 'lines'].map((id) => executor.attemptAt(id).stream)).toEqual([false, true]);
    void executor.attemptAt('lines').partial('a.txt');
    executor.attemptAt('lines').done(undefined);
    executor.attemptAt('whole').done('all');
    expect([await whole.result(), await lines.result()]).toEqual(['all', ['a.txt']]);
  });

  test('is called lines in what refuses it, where its lines are asked for', () => {
    const { queue } = commandQueue();
    expect(refusalOf(() => queue.lines('')).message).toBe('lines takes the name of a program, got ""');
  });

  test('takes bytes and results of commands as its input', () => {
    const { queue } = commandQueue();
    const bytes = new Uint8Array([1]);
    const result = new CommandResult({
      stdout: bytes,
      stderr: bytes,
      exitCode: 0,
      signal: undefined,
      truncated: false,
    });
    for (const stdin of [bytes, result, 'text', queue.run('ls')]) {
      expect(queue.run('ls', [result], { stdin }).state).toMatch(/ready|pending/);
    }
  });

  test('is refused by a queue that runs functions only', () => {
    const queue = new Scheduler().queue('q');
    expect(refusalOf(() => queue.run('ls'))).toMatchObject({
      code: 'CommandsNotSupported',
      message: expect.stringContaining('queue q runs functions only (its executor is inline)') as unknown,
    });
  });

  test('cannot be called as a function, and its arguments are no others', () => {
    const { queue, executor, scheduler } = commandQueue();
    queue.run({ id: 'c' }, 'ls');
    scheduler.start();
    const { args } = executor.attemptAt('c');
    const [plan, ...rest] = args;
    expect(refusalOf(() => Reflect.apply(runCommand, undefined, args) as unknown)).toMatchObject({
      code: 'CommandsNotSupported',
      message: 'ls is a command: only processes() can run it',
    });
    for (const wrong of [[{}, ...rest], [plan, 'no array', {}], [plan, [], null], [plan, [], 5], []]) {
      expect(refusalOf(() => commandCall(wrong))).toMatchObject({
        code: 'InvariantBroken',
        message: 'expected the arguments of a command, got others',
      });
    }
  });

  test.each<[readonly unknown[], boolean, string]>([
    [['/usr/bin/convert'], false, 'convert'],
    [['bash', ['-c', 'A=1 B=2 tools/run.sh --fast']], false, 'run.sh'],
    [['bash', ['-c', 'A=1']], false, 'command'],
    [['bash', ['script', '5']], false, 'bash'],
    [['bash', ['-c', '  AB=1  tools/v=2']], false, 'v=2'],
    [['grep', ['-c', 'a']], false, 'grep'],
    [['sha256sum', ['-c', 'sums.txt']], false, 'sha256sum'],
    [['X=1 grep -c a'], true, 'grep'],
  ])('%j (in a shell: %s) is called %s', (given, shell, name) => {
    const { queue, executor, scheduler } = commandQueue();
    const [command, args = []] = given as [string, string[]?];
    const { id } = queue.run({ id: 'c' }, command, args, { shell });
    scheduler.start();
    expect(nameOfCommand(executor.attemptAt(id).args)).toBe(name);
  });
});
