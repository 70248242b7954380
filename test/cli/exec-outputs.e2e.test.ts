/** What `pullgraph exec` does with outputs, and that nothing of them is lost. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tagged } from '../../src/cli/job-output.js';
import { SlotNumbers, SpooledOutput, SpooledOutputs } from '../../src/cli/spooled-output.js';
import { cli, startCli } from '../support/cli.js';
import { inShell } from '../support/in-shell.js';
import { written } from '../support/living-processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('an output', () => {
  test('that does not fit into memory is printed whole, and its temporary file is gone', async () => {
    const folder = temporaryFolder();
    const line = 'head -c 3000000 /dev/zero | tr "\\0" x; head -c 2000000 /dev/zero | tr "\\0" y >&2';
    writeFileSync(join(folder, 'lines'), `${line}\n`);
    const printed = await inShell(
      'cd "$F"; pullgraph exec --joblog log --max-output 4 lines 2> err | tr -d x | wc -c; tr -d y < err | wc -c; wc -c < err',
      { F: folder, TMPDIR: mkdtempSync(join(folder, 'tmp-')) },
    );
    expect(printed.split(/\s+/).filter(Boolean)).toEqual(['0', '0', '2000000']);
    expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')[1]?.split('\t').slice(5, 8)).toEqual([
      '3000000',
      '0',
      '0',
    ]);
    const [temporary = ''] = readdirSync(folder).filter((name) => name.startsWith('tmp-'));
    expect(readdirSync(join(folder, temporary))).toEqual([]);
  });

  test('that fits nowhere fails its command, which is not called done', async () => {
    const folder = temporaryFolder();
    const running = startCli(['exec', '--max-output', '4', '--joblog', join(folder, 'log')], {
      TMPDIR: join(folder, 'not-there'),
    });
    running.child.stdin?.end('echo 123456; sleep 1000\n');
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pullgraph exec: line 1: Error: its output needs a file in .*not-there.*ENOENT/);
    expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')[1]?.split('\t')[6]).toBe('-1');
  });

  test('of a command that times out is printed, also what it prints while it is ended', async () => {
    const folder = temporaryFolder();
    const line = `trap 'echo last; exit' TERM; echo first; echo error >&2; while :; do sleep 0.05; done`;
    const { stdout, stderr, code } = await cli(['exec', '--timeout', '1s', '--joblog', join(folder, 'log')], line);
    expect([stdout, code]).toEqual(['first\nlast\n', 1]);
    expect(stderr).toMatch(/^error\n(Terminated\n)?pullgraph exec: line 1: timed out\n$/);
    expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')[1]?.split('\t').slice(5, 7)).toEqual(['11', '-1']);
  });

  test('of a command that is tried again is that of the last attempt', async () => {
    const folder = temporaryFolder();
    const line = `echo try; echo x >> ${folder}/tries; test $(wc -l < ${folder}/tries) -ge 3`;
    expect(await cli(['exec', '--retry', '5'], line)).toMatchObject({ stdout: 'try\n', code: 0 });
  });

  test('has the value before each line where that is asked for', async () => {
    const { stdout } = await cli(['exec', '-k', '--tag', 'echo {}; printf "2\\n3"', ':::', 'a', 'b c']);
    expect(stdout).toBe('a\ta\na\t2\na\t3b c\tb c\nb c\t2\nb c\t3');
  });

  test('is also written to files where that is asked for, and never above their folder', async () => {
    const folder = temporaryFolder();
    const values = ['a/b', '..', '', 'x'.repeat(300)];
    const args = ['exec', '-k', '--results', join(folder, 'out'), 'echo {1}; echo e >&2', ':::', ...values, ':::', '1'];
    const { stdout } = await cli(args);
    expect(stdout).toBe(values.map((value) => `${value}\n`).join(''));
    const names = readdirSync(join(folder, 'out', '1'));
    expect(names).toHaveLength(4);
    expect(names.toSorted().slice(0, 3)).toEqual(['\\', '\\..', 'a\\_b']);
    const own = join(folder, 'out', '1', 'a\\_b', '2', '1');
    expect(['stdout', 'stderr', 'seq'].map((name) => readFileSync(join(own, name), 'utf8'))).toEqual([
      'a/b\n',
      'e\n',
      '1',
    ]);
    expect(existsSync(join(folder, '2'))).toBe(false);
  });
});

test('a folder for results that cannot be written ends the batch, and what runs is printed', async () => {
  const values = Array.from({ length: 200 }, (_, n) => `${n}`);
  const args = ['exec', '-k', '-j', '2', '--results', '/dev/null/out', 'echo', ':::', ...values];
  const { stdout, stderr, code } = await cli(args);
  expect(code).toBe(255);
  const printed = stdout.trimEnd().split('\n');
  expect(printed).toEqual(values.slice(0, printed.length));
  expect(printed.length).toBeLessThan(values.length);
  expect(stderr).toMatch(/^pullgraph exec: ENOTDIR: .*: no more is started\n$/);
});

describe('a line that cannot be run', () => {
  test.each([
    ['is not UTF-8', Buffer.from('echo caf\u{E9}\n', 'latin1'), 'line 3 is not UTF-8'],
    ['is too long', Buffer.alloc(1_100_000, 'x'), 'a line is longer than 1000000 bytes'],
  ])('because it %s ends the reading, and what was read before is run and recorded', async (_, bad, message) => {
    const folder = temporaryFolder();
    const running = startCli(['exec', '-j', '2', '-k', '--joblog', join(folder, 'log')], { F: folder });
    const waiting = 'touch "$F/begun"; while test ! -e "$F/go"; do sleep 0.02; done; echo';
    running.child.stdin?.write(`${waiting} 1\necho 2; echo > "$F/two"\n`);
    await written(join(folder, 'two'));
    running.child.stdin?.end(Buffer.concat([bad, Buffer.from('echo never\n')]));
    await running.until(message, 'stderr');
    writeFileSync(join(folder, 'go'), '');
    const { stdout, stderr, code } = await running.ended;
    expect([stdout, stderr, code]).toEqual(['1\n2\n', `pullgraph exec: ${message}\n`, 255]);
    expect(readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('standard output that cannot be written', () => {
  test('is said by its cause, and what was not printed is not recorded', async () => {
    const folder = temporaryFolder();
    const printed = await inShell('cd "$F"; echo "echo hi" | pullgraph exec --joblog log 2> err > /dev/full; echo $?', {
      F: folder,
    });
    expect(printed).toBe('255\n');
    expect(readFileSync(join(folder, 'err'), 'utf8')).toMatch(
      /^pullgraph exec: standard output cannot be written: ENOSPC.*\n$/,
    );
    expect(readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  test('because nobody reads it ends the command without a word, as a program that SIGPIPE ends', async () => {
    const printed = await inShell('yes "echo hi" | pullgraph exec 2>&1 | head -1; echo ${PIPESTATUS[1]}');
    expect(printed).toBe('hi\n141\n');
  });
});

describe('the parts', () => {
  test.each([0, 5, 100])('an output with %i bytes in memory gives back what was pushed, more than once', (maxBytes) => {
    const output = new SpooledOutput(maxBytes);
    for (const part of ['12', '345', '', '6789']) output.push(Buffer.from(part));
    expect(output.length).toBe(9);
    for (const _ of [1, 2]) expect(Buffer.concat([...output]).toString()).toBe('123456789');
    output.clear();
    expect([output.length, [...output]]).toEqual([0, []]);
  });

  test('a slot is the lowest number that is free', () => {
    const slots = new SlotNumbers();
    const runs = [1, 2, 3].map(() => new SpooledOutputs(1, slots));
    const numbers = () => runs.map((run) => run.environment()['PARALLEL_JOBSLOT']);
    expect(numbers()).toEqual(['1', '2', '3']);
    runs[1]?.end();
    expect(runs[1]?.environment()).toEqual({ PARALLEL_JOBSLOT: '2' });
  });

  test.each([
    [['a\nb\n'], 't\ta\nt\tb\n'],
    [['a', 'b\n', 'c'], 't\tab\nt\tc'],
    [['\n', '\n'], 't\t\nt\t\n'],
    [[], ''],
  ])('a tag stands before each line of %j', (chunks, expected) => {
    expect(
      Buffer.concat([
        ...tagged(
          chunks.map((chunk) => Buffer.from(chunk)),
          't',
        ),
      ]).toString(),
    ).toBe(expected);
  });
});
