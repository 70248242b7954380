/** The rules of `pullgraph exec --halt`: by the end of which command each is reached. */
import { expect, test } from 'vitest';
import { Halt, haltRule } from '../../src/cli/halt.js';

/** The place, from 1, of the command whose end reaches the rule; undefined where none does. */
function reachedAt(text: string, exits: readonly number[]) {
  const rule = haltRule(text);
  const reached: string[] = [];
  const halt = new Halt(rule === 'never' ? undefined : rule, (by) => reached.push(by.text));
  for (const [place, exit] of exits.entries()) halt.ended(`${place + 1}`, exit === 0 ? 'done' : 'failed', exits.length);
  const place = exits.findIndex((_, index) => halt.reachedBy(`${index + 1}`) !== undefined);
  expect(reached).toEqual(place === -1 ? [] : [text]);
  return place === -1 ? undefined : place + 1;
}

test.each([
  ['soon,fail=1', [0, 3, 0], 2],
  ['now,fail=2', [3, 0, 4, 0], 3],
  ['now,success=1', [3, 0, 5], 2],
  ['soon,done=2', [3, 0, 5], 2],
  ['never', [3, 0, 5], undefined],
  ['0', [3, 0, 5], undefined],
  ['now,fail=50%', [3, 0, 4, 5], 3],
  ['soon,success=50%', [3, 0, 0, 5], 3],
  ['soon,done=34%', [0, 3, 5], 2],
  ['now,fail=0.1%', [0, 3, 5], 2],
  ['50%', [3, 0, 4, 5], 3],
  ['1', [0, 3, 5], 2],
  ['2', [0, 3, 5], 2],
] as const)('%s is reached as that of GNU parallel: ends %j', (rule, exits, place) => {
  expect(reachedAt(rule, exits)).toBe(place);
});

test('the rules of earlier versions are those of today', () => {
  expect([haltRule('1'), haltRule('2'), haltRule('50%')]).toMatchObject([
    { when: 'soon', what: 'fail', count: 1, isPercentage: false },
    { when: 'now', what: 'fail', count: 1, isPercentage: false },
    { when: 'soon', what: 'fail', count: 50, isPercentage: true },
  ]);
});

test('a percentage is not reached while the number of all commands is not known', () => {
  const halt = new Halt(haltRule('now,fail=50%') as Exclude<ReturnType<typeof haltRule>, 'never'>, () => undefined);
  halt.ended('1', 'failed', undefined);
  expect(halt.reachedBy('1')).toBeUndefined();
  halt.ended('2', 'failed', 4);
  expect(halt.reachedBy('2')).toMatchObject({ count: 50 });
});
