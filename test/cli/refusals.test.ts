/** Command lines that are refused. That the process ends with the code, and runs nothing, the tests of each subcommand show once. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { refusedLine } from '../support/refused-line.js';

const HALT = 'It must be never, or now or soon';

describe('exec refuses', () => {
  test.each([
    ['a number of jobs that is none', ['-j', 'many'], /--jobs.*from 1 to 10000/],
    ['a time of nothing', ['--timeout', '0'], /--timeout.*It must be a time such as 500ms/],
    ['a time that is none', ['--timeout', '10 parsecs'], 'It must be a time such as 500ms'],
    ['more retries than can be counted', ['--retry', '9007199254740991'], /--retry.*from 0 to 1000000/],
    ['an output that fits nowhere', ['--max-output', '9007199254740991'], /--max-output.*from 1 to 4294967296/],
    ['an unknown option', ['--frobnicate'], "unknown option '--frobnicate'"],
    ['two files', ['a', 'b'], 'too many arguments'],
    ['--resume without a joblog', ['--resume'], '--resume needs --joblog'],
    ['a rule that is none', ['--halt', 'soon'], HALT],
    ['more than all', ['--halt', 'soon,fail=101%'], HALT],
    ['a part of a command', ['--halt', 'soon,fail=1.5'], HALT],
    ['failures without a log', ['--retry-failed'], '--retry-failed needs --joblog or --shared'],
  ])('%s', async (_, args, message) => {
    const { stderr, code } = await refusedLine(['exec', ...args]);
    expect(code).toBe(255);
    expect(stderr).toMatch(/^pullgraph exec: /);
    expect(stderr).toMatch(message);
  });
});

describe('exec with values refuses', () => {
  test.each([
    [
      'a place where a value could become code',
      ['echo `echo {}`', ':::', '1'],
      '{}: a value cannot stand after a backquote',
    ],
    ['a source that is not there', ['echo {3}', ':::', '1'], '{3} names a source that is not there: there are 1'],
    ['a link to nothing', ['echo', ':::+', '1'], ':::+ needs a source before it'],
    ['sources without a command', [':::', '1', ':::', '2'], 'several sources need a command'],
    ['standard input twice', ['echo', '::::', '-', '-'], 'standard input can be one source only'],
    [
      'a shell with other quotes',
      ['--shell', '/usr/bin/fish', 'echo', ':::', '1'],
      'values can be quoted only for a shell',
    ],
    ['a slot among several computers', ['--shared', 'folder', 'echo {%}', ':::', '1'], '{%} has no meaning'],
  ])('%s', async (_, args, message) => {
    const { stderr, code } = await refusedLine(['exec', ...args]);
    expect(code).toBe(255);
    expect(stderr).toContain(`pullgraph exec: `);
    expect(stderr).toContain(message);
  });
});

describe('exec with a shared folder refuses', () => {
  test.each([
    ['a reduction without one', ['--reduce', 'cat'], '--reduce needs --shared'],
    ['a time for others without one', ['--expire', '30000'], '--expire needs --shared'],
    ['a resumption', ['--shared', 'folder', '--joblog', 'L', '--resume'], 'without --resume'],
    ['a time that is too short', ['--shared', 'folder', '--expire', '10'], 'from 100 to 2147483647'],
    ['a time that is too long', ['--shared', 'folder', '--expire', '99999999999'], 'from 100 to 2147483647'],
    ['more retries than the folder takes', ['--shared', 'folder', '--retry', '1000'], '--retry must be at most 999'],
  ])('%s', async (_, args, message) => {
    const { stderr, code } = await refusedLine(['exec', ...args]);
    expect(code).toBe(255);
    expect(stderr).toContain(message);
    expect(existsSync('folder')).toBe(false);
  });
});

test.each([
  [['bus', '--port', '99999'], /^pullgraph bus: .*integer from 0 to 65535/],
  [['produce', '--sigma', '1'], /^pullgraph produce: --sigma needs --gauss/],
  [['produce', '--task', 'x', '--args', '{}'], /^pullgraph produce: .*JSON array/],
  [['produce', '--period', '3000000'], /^pullgraph produce: .*more than 0 and at most 2000000/],
  [['produce', '--simple', '--task', 'add'], /^pullgraph produce: /],
  [['schedule', '-s', '0'], /^pullgraph schedule: .*integer from 1/],
  [['explore', 'graph.json', '--failures', '16'], /^pullgraph explore: .*--failures/],
  [['run', '--inspect=http', 'x.mjs'], /^pullgraph run: .*--inspect/],
])('%j is refused', async (args, message) => {
  const { stderr, code } = await refusedLine(args);
  expect(stderr).toMatch(message);
  expect(code).toBe(255);
});
