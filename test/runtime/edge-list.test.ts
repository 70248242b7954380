/** The dependencies of a task as they are collected: each pair of a task and an index once, in the order in which they came. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WHOLE } from '../../src/core/order/graph-node.js';
import { EdgeList } from '../../src/runtime/tasks/edge-list.js';
import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';
import { property } from '../support/property.js';

type Pair = readonly [node: TaskRecord, index: number];

const nodes = Array.from({ length: 12 }, (_, seq) => ({ seq }) as unknown as TaskRecord);

/** Some lists are of whole tasks only. */
const pairs: fc.Arbitrary<readonly Pair[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.tuple(fc.constantFrom(...nodes), fc.integer({ min: WHOLE, max: 4 })), { maxLength: 80 }),
  )
  .map(([areWhole, drawn]) => drawn.map(([node, index]) => [node, areWhole ? WHOLE : index] as const));

function collected(given: readonly Pair[]): EdgeList {
  const list = new EdgeList(given.length);
  for (const [node, index] of given) list.add(node, index);
  return list;
}

property([pairs])('for any pairs, has each of them once and in order', (given) => {
  const expected = given.filter(
    ([node, index], at) => given.findIndex((one) => one[0] === node && one[1] === index) === at,
  );
  const list = collected(given);
  expect(list.nodes).toHaveLength(expected.length);
  for (const [at, [node]] of expected.entries()) expect(list.nodes[at]).toBe(node);
  const indices = expected.map(([, index]) => index);
  expect(list.indices).toEqual(indices.every((index) => index === WHOLE) ? undefined : indices);
  for (const length of [expected.length - 1, expected.length, expected.length + 1]) {
    if (length >= 0) expect(list.isOf(new Array(length))).toBe(length === expected.length);
  }
});

test.each([15, 16, 17, 40])('of %i parts of two tasks keeps each once, also among as many again', (count) => {
  const [a, b, last] = nodes as [TaskRecord, TaskRecord, TaskRecord];
  const given = Array.from({ length: count }, (_, at): Pair => [at % 2 === 0 ? a : b, at % 3 === 0 ? WHOLE : at]);
  const once = given.filter((pair, at) => given.findIndex((one) => one[0] === pair[0] && one[1] === pair[1]) === at);
  const list = collected([...given, ...given, [last, WHOLE]]);
  expect(list.nodes).toEqual([...once.map(([node]) => node), last]);
  expect(list.indices).toEqual([...once.map(([, index]) => index), WHOLE]);
});

test.each([2, 20])('of %i whole tasks has no indices, and one only from the first result on', (count) => {
  const many = Array.from({ length: count }, (_, seq) => ({ seq }) as unknown as TaskRecord);
  const wholes = many.map((node): Pair => [node, WHOLE]);
  expect(collected([...wholes, ...wholes]).indices).toBeUndefined();
  const [first] = many as [TaskRecord];
  expect(collected([...wholes, [first, 3]]).indices).toEqual([...wholes.map(() => WHOLE), 3]);
});
