/** The dependencies of a task as they are collected: each pair of a task and an index once, in the order in which they came. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WHOLE } from '../../src/core/order/graph-node.js';
import { EdgeList } from '../../src/runtime/tasks/edge-list.js';
import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';
import { property } from '../support/property.js';

type Pair = readonly [node: TaskRecord, index: number];

const nodes = Array.from({ length: 12 }, (_, seq) => ({ seq }) as unknown as TaskRecord);

const pairs: fc.Arbitrary<readonly Pair[]> = fc
  .tuple(
    fc.constantFrom(1, 4),
    fc.array(fc.tuple(fc.nat({ max: 11 }), fc.integer({ min: -1, max: 4 })), { maxLength: 80 }),
  )
  .map(([kinds, drawn]) => drawn.map(([node, index]) => [nodes[node] ?? expect.unreachable(), index % kinds] as const));

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
  const [a, b] = nodes as [TaskRecord, TaskRecord];
  const given = Array.from({ length: count }, (_, at): Pair => [at % 2 === 0 ? a : b, at % 3 === 0 ? WHOLE : at]);
  const once = given.filter((pair, at) => given.findIndex((one) => one[0] === pair[0] && one[1] === pair[1]) === at);
  const list = collected([...given, ...given]);
  expect(list.nodes).toEqual(once.map(([node]) => node));
  expect(list.indices).toEqual(once.map(([, index]) => index));
});
