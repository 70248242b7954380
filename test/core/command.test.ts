/** How the arguments of a command are read, by its name, by what shows it, and by what starts it. */
import { expect, test } from 'vitest';
import {
  CommandPlan,
  nameOfCommand,
  nameOfWork,
  runCommand,
  withVariable,
  wordsOfCommand,
} from '../../src/core/command.js';
import { refusalOf } from '../support/refusal.js';

const plan = (command: string): CommandPlan => new CommandPlan(command, false, undefined, [0]);
const throwing = new Proxy([], {
  get() {
    throw new Error('hostile');
  },
});

test('tasks are named by the program of a command, or by the function', () => {
  expect(nameOfWork({ fn: runCommand, args: [plan('/bin/ls'), []] })).toBe('ls');
  expect(nameOfWork({ fn: function work() {}, args: [plan('/bin/ls'), []] })).toBe('work');
});

test.each<readonly [what: string, given: readonly unknown[]]>([
  ['without a plan', []],
  ['with another object in its place', [{ command: 'ls' }, []]],
  ['with arguments that throw', [plan('bash'), throwing]],
])('arguments %s are those of some command', (_, given) => {
  expect(nameOfCommand(given)).toBe('command');
});

test('a command is shown by its words', () => {
  const show = (arg: unknown): unknown => `<${String(arg)}>`;
  expect(wordsOfCommand([plan('ls'), ['-l', 5]], show)).toEqual(['ls', '<-l>', '<5>']);
  expect(wordsOfCommand([{ command: 'ls' }, []], show)).toBeUndefined();
  expect(wordsOfCommand([plan('ls'), 'no array'], show)).toBeUndefined();
});

test('a command gets one variable more, and keeps all else', () => {
  const ls = plan('ls');
  const given = [ls, ['-l'], { HOME: '/', MARK: 'old' }, '/data', 'in'];
  expect(withVariable(given, 'MARK', 'new')).toEqual([ls, ['-l'], { HOME: '/', MARK: 'new' }, '/data', 'in']);
  expect(refusalOf(() => withVariable([], 'MARK', 'new')).code).toBe('InvariantBroken');
});

test('commands are called by their programs', () => {
  const named = (command: string, args: unknown, shell = false): string =>
    nameOfCommand([new CommandPlan(command, shell, undefined, [0]), args]);
  expect(named('/usr/bin/gzip', ['-c', 'x'])).toBe('gzip');
  expect(named('/bin/sh', ['-c', 'A=1 /opt/fit model'])).toBe('fit');
  expect(named('sort x | uniq', [], true)).toBe('sort');
  expect(nameOfCommand([])).toBe('command');
});
