/** The reader of a feed by itself: what it tells of its reading, and what it answers once it has left. */
import { expect, test } from 'vitest';
import { FeedReader } from '../../src/runtime/feeds/reader.js';

function reading() {
  const told: string[] = [];
  const reader = new FeedReader<number>({ taken: () => told.push('taken'), left: () => told.push('left') });
  return { reader, told };
}
const end = { done: true, value: undefined };

test('that it has taken a result is told once, by its next question', async () => {
  const { reader, told } = reading();
  expect(reader.offer(1)).toBe(false);
  expect(await reader.next()).toEqual({ done: false, value: 1 });
  expect(told).toEqual([]);
  const further = [reader.next(), reader.next()];
  expect(told).toEqual(['taken']);
  reader.finish(undefined);
  expect(await Promise.all(further)).toEqual([end, end]);
});

test('who has left is told the end by every further question, and leaves once', async () => {
  const { reader, told } = reading();
  const asked = reader.next();
  expect(await reader.return()).toEqual(end);
  expect(await reader.return()).toEqual(end);
  expect(await asked).toEqual(end);
  reader.finish(new Error('too late'));
  expect(await reader.next()).toEqual(end);
  expect(reader.offer(1)).toBe(true);
  expect(told).toEqual(['left']);
});

test('an error is thrown once', async () => {
  const { reader, told } = reading();
  reader.finish(new Error('broken'));
  await expect(reader.next()).rejects.toThrow('broken');
  expect(await reader.next()).toEqual(end);
  expect(await reader.return()).toEqual(end);
  expect(told).toEqual([]);
});
