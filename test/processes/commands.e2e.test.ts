/** Commands, run as real processes. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inline, processes, type ProcessesOptions } from 'pullgraph/executors';
import { CommandFailed, CommandResult, type Queue, type QueueOptions, Scheduler } from 'pullgraph';
import { scaledRuns } from '../support/property-runs.js';
import { refusalOf } from '../support/refusal.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function open(
  options: ProcessesOptions = {},
  how: QueueOptions = {},
): { readonly scheduler: Scheduler; readonly queue: Queue } {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { concurrency: 2, executor: processes(options), ...how });
  onTestFinished(() => scheduler.terminate());
  scheduler.start();
  return { scheduler, queue };
}

describe('a command', () => {
  test('gives its exit code and what it printed', async () => {
    const { queue } = open();
    const result = await queue.run('sh', ['-c', 'echo out; echo err >&2']).result();
    expect(result).toBeInstanceOf(CommandResult);
    expect([result.exitCode, result.signal, result.truncated]).toEqual([0, undefined, false]);
    expect([result.stdout, result.stderr]).toEqual(['out\n', 'err\n']);
  });

  test('is called with exactly the arguments that are given, for any arguments', async () => {
    const { queue } = open();
    const word = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'));
    const arg = fc.oneof(word, fc.constantFrom('$HOME', '*', '; exit 3', '"', "'", '\n', '--'), fc.integer());
    await fc.assert(
      fc.asyncProperty(fc.array(arg, { maxLength: 6 }), async (args) => {
        const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
        const { stdout } = await queue.run(process.execPath, ['-e', print, '--', ...args]).result();
        expect(JSON.parse(stdout)).toEqual(args.map(String));
      }),
      { numRuns: scaledRuns(10) },
    );
  });

  test('takes the results of other tasks as arguments, variables, folder and input', async () => {
    const { queue } = open();
    const folder = realpathSync(temporaryFolder());
    const where = queue.run('printf', ['%s\n\n', folder]);
    const name = queue.run('echo', ['a name']);
    const letters = queue.run('printf', ['b\\na\\n']);
    const script = 'pwd; echo "$1" "$NAME"; sort';
    const result = await queue
      .run({ id: 'last' }, 'sh', ['-c', script, 'sh', name], { cwd: where, env: { NAME: name }, stdin: letters })
      .result();
    expect(result.stdout.split('\n')).toEqual([folder, 'a name a name', 'a', 'b', '']);
  });

  test('takes numbers, big integers and booleans from functions, in demand order with them', async () => {
    const { scheduler, queue } = open();
    const functions = scheduler.queue('functions');
    const seven = functions.submit(() => 7);
    const big = functions.submit(() => 2n ** 70n);
    const yes = functions.submit(() => true);
    const text = functions.submit((result: CommandResult) => result.stdout, queue.run('echo', [seven, big, yes, 1.5]));
    expect(await text.result()).toBe(`7 ${2n ** 70n} true 1.5\n`);
  });

  test.each([
    ['an object', () => ({ a: 1 }), /argument 0 of echo must be a string, number/],
    ['undefined', () => undefined, /argument 0 of echo must be a string, number/],
  ])('fails where a handle among its arguments gives %s', async (_, fn, message) => {
    const { scheduler, queue } = open();
    const handle = scheduler.queue('functions').submit(fn as () => never);
    await expect(queue.run('echo', [handle]).result()).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringMatching(message) as string,
    });
  });

  test('reads text, bytes, lines and the output of another, byte by byte', async () => {
    const { queue } = open();
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const first = queue.run('cat', [], { stdin: bytes });
    const second = await queue.run('cat', [], { stdin: first }).result();
    expect([...second.stdoutBytes]).toEqual([...bytes]);
    expect((await queue.run('cat', [], { stdin: 'ünï' }).result()).stdout).toBe('ünï');
    expect((await queue.run('cat', [], { stdin: ['a', 'b'] }).result()).stdout).toBe('a\nb\n');
    expect((await queue.run('sort', [], { stdin: queue.lines('printf', ['b\na']) }).result()).stdout).toBe('a\nb\n');
    expect((await queue.run('cat').result()).stdout).toBe('');
  });

  test('need not read what it is given', async () => {
    const { queue } = open();
    expect((await queue.run('true', [], { stdin: 'x'.repeat(5_000_000) }).result()).exitCode).toBe(0);
  });

  test('is a script only where that is asked for, whose arguments are not part of it', async () => {
    const { queue } = open();
    const plain = await queue.run('echo', ['$HOME; echo two']).result();
    expect(plain.stdout).toBe('$HOME; echo two\n');
    const script = await queue.run('echo one; echo "$1"', ['; echo "$HOME"'], { shell: true }).result();
    expect(script.stdout).toBe('one\n; echo "$HOME"\n');
  });

  test.each(['-x', '+x', '--'])('is a script also where that begins as an option does: %s', async (script) => {
    const { queue } = open();
    await expect(queue.run(script, [], { shell: true }).result()).rejects.toMatchObject({ exitCode: 127 });
  });
});

describe('the output of a command', () => {
  test('is kept up to its bound: the beginning of it, and the end of what it says of errors', async () => {
    const { queue } = open({ maxBytes: 10 });
    const script = 'printf 0123456789abc; printf 0123456789abc >&2';
    const result = await queue.run(script, [], { shell: true }).result();
    expect([result.stdout, result.stderr, result.truncated]).toEqual(['0123456789', '3456789abc', true]);
    const more = await queue.run(script, [], { shell: true, maxBytes: 13 }).result();
    expect([more.stdout, more.stderr, more.truncated]).toEqual(['0123456789abc', '0123456789abc', false]);
  });

  test('does not hold it up where there is more of it, nor fill the memory', async () => {
    const { queue } = open();
    const before = process.memoryUsage().rss;
    const result = await queue.run('head', ['-c', '400000000', '/dev/zero'], { maxBytes: 1_000 }).result();
    expect([result.stdoutBytes.length, result.truncated]).toEqual([1_000, true]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test('is not taken for the whole by another command when it is cut', async () => {
    const { queue } = open();
    const cut = queue.run('echo', ['0123456789'], { maxBytes: 4 });
    await expect(queue.run('echo', [cut]).result()).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(queue.run('cat', [], { stdin: cut }).result()).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('comes line by line, while it runs', async () => {
    const { queue } = open();
    const folder = temporaryFolder();
    const fifo = join(folder, 'go');
    await queue.run('mkfifo', [fifo]).result();
    const lines = queue.lines(`echo one; read -r word < '${fifo}'; printf 'two\\r\\n%s' "$word"`, [], { shell: true });
    expect(await lines.at(0).result()).toBe('one');
    expect(lines.state).toBe('partial');
    await queue.run(`echo three > '${fifo}'`, [], { shell: true }).result();
    expect(await lines.result()).toEqual(['one', 'two', 'three']);
  });

  test('is cut into the same lines, for any text and however it comes', async () => {
    const { queue } = open();
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/[\n\r]/g, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), async (lines, size) => {
        const script = `const bytes = Buffer.from(process.argv[1]);
          for (let at = 0; at < bytes.length; at += ${size}) process.stdout.write(bytes.subarray(at, at + ${size}));`;
        const text = lines.map((each) => `${each}\n`).join('');
        // An argument cannot contain it.
        fc.pre(!text.includes('\0'));
        expect(await queue.lines(process.execPath, ['-e', script, '--', text]).result()).toEqual(lines);
      }),
      { numRuns: scaledRuns(8) },
    );
  });

  test('is text to the last character, a byte order mark among them', async () => {
    const { queue } = open();
    const print = ['\\357\\273\\277a\\n\\357\\273\\277b\\n'];
    expect((await queue.run('printf', print).result()).stdout).toBe('\u{FEFF}a\n\u{FEFF}b\n');
    expect(await queue.lines('printf', print).result()).toEqual(['\u{FEFF}a', '\u{FEFF}b']);
  });

  test('fails the task with the first line that is longer than its bound', async () => {
    const { queue } = open();
    const lines = queue.lines('echo ok; yes | tr -d "\\n"', [], { shell: true, maxBytes: 1_000 });
    await expect(lines.result()).rejects.toMatchObject({ code: 'LineTooLong' });
    expect(await lines.at(0).result()).toBe('ok');
  });
});

describe('a command that fails', () => {
  test('fails its task with its exit code and its last words, and what depends on it', async () => {
    const { queue } = open();
    const bad = queue.run({ id: 'bad' }, 'sh', ['-c', 'echo some; echo "no such pixel" >&2; exit 7']);
    const dependent = queue.run('echo', [bad]);
    const error = await bad.result().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error).toMatchObject({
      code: 'CommandFailed',
      message: 'task bad: sh ended with exit code 7: no such pixel',
      exitCode: 7,
      signal: undefined,
      stderr: 'no such pixel\n',
      result: { stdout: 'some\n' },
    });
    await expect(dependent.result()).rejects.toMatchObject({ code: 'DependencyFailed', origin: 'bad', root: error });
  });

  test('by a signal says which', async () => {
    const { queue } = open();
    const error: unknown = await queue
      .run('sh', ['-c', 'kill -KILL $$'])
      .result()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CommandFailed', signal: 'SIGKILL', exitCode: undefined });
  });

  test.each([
    ['there is no such program', 'no-such-program-anywhere', { cwd: '/' }, /no-such-program-anywhere ENOENT$/],
    ['there is no such folder', 'echo', { cwd: '/no/such/folder' }, /: \/no\/such\/folder is not a folder$/],
  ])('because %s says so', async (_, command, how, message) => {
    const { queue } = open();
    const error: unknown = await queue
      .run(command, [], how)
      .result()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error).toMatchObject({ exitCode: undefined, signal: undefined, cause: { code: 'ENOENT' } });
    expect((error as Error).message).toMatch(message);
  });

  test('is named by its beginning where it is long', async () => {
    const { queue } = open();
    const script = `exit 3 # ${'x'.repeat(1_000)}`;
    await expect(queue.run({ id: 'bad' }, script, [], { shell: true }).result()).rejects.toMatchObject({
      message: `task bad: ${script.slice(0, 200)}… ended with exit code 3`,
    });
  });

  test('because of an argument that no program can be given says so', async () => {
    const { queue } = open();
    const error: unknown = await queue
      .run('echo', ['a\0b'])
      .result()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandFailed);
    expect((error as Error).message).toMatch(/could not be started: .*null bytes/);
    expect((await queue.run('echo', ['next']).result()).stdout).toBe('next\n');
  });

  test('has not failed where its exit code is one of those that are welcome', async () => {
    const { queue } = open();
    const result = await queue.run('exit 1', [], { shell: true, okExitCodes: [0, 1] }).result();
    expect(result.exitCode).toBe(1);
    await expect(queue.run('true', [], { okExitCodes: [1] }).result()).rejects.toMatchObject({ exitCode: 0 });
  });
});

describe('a submission is refused', () => {
  test('by a queue that cannot run commands, with a word on what to do', () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { executor: inline() });
    const error = refusalOf(() => queue.run('echo', ['a']));
    expect(error).toMatchObject({ code: 'CommandsNotSupported', queue: 'q' });
    expect(error.message).toContain('scheduler.queue("q", { executor: processes() })');
    expect(refusalOf(() => queue.lines('echo'))).toMatchObject({ code: 'CommandsNotSupported' });
  });

  test.each<[string, readonly unknown[], string]>([
    ['no program', [''], 'InvalidArgument'],
    ['a program that is no text', [7], 'InvalidArgument'],
    ['options without a program', [{}], 'InvalidArgument'],
    ['arguments that are no array', ['echo', 'a'], 'InvalidArgument'],
    ['an argument that cannot become text', ['echo', [{}]], 'InvalidArgument'],
    ['an argument that is undefined', ['echo', [undefined]], 'InvalidArgument'],
    ['options that are no object', ['echo', [], 3], 'InvalidArgument'],
    ['something after the options', ['echo', [], {}, 3], 'InvalidArgument'],
    ['an unknown option', ['echo', [], { timeout: 3 }], 'InvalidOption'],
    ['variables that are no object', ['echo', [], { env: [] }], 'InvalidOption'],
    ['a variable that cannot become text', ['echo', [], { env: { A: {} } }], 'InvalidArgument'],
    ['a folder that cannot become text', ['echo', [], { cwd: {} }], 'InvalidArgument'],
    ['an input that cannot be read', ['echo', [], { stdin: 7 }], 'InvalidOption'],
    ['a shell that is neither', ['echo', [], { shell: 'bash' }], 'InvalidOption'],
    ['a bound that is none', ['echo', [], { maxBytes: 0 }], 'InvalidOption'],
    ['exit codes that are none', ['echo', [], { okExitCodes: 0 }], 'InvalidOption'],
    ['an unknown option of the task', [{ urgent: true }, 'echo'], 'InvalidOption'],
  ])('for %s', (_, given, code) => {
    const { queue } = open();
    const run = queue.run.bind(queue) as (...args: readonly unknown[]) => unknown;
    expect(refusalOf(() => run(...given))).toMatchObject({ code });
  });

  test('for options of the executor that it cannot work with', () => {
    expect(refusalOf(() => processes({ graceMs: -1 }))).toMatchObject({ code: 'InvalidOption' });
    expect(refusalOf(() => processes({ maxBytes: 1.5 }))).toMatchObject({ code: 'InvalidOption' });
  });
});
