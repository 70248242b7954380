/** The reader of a feed by itself: what it answers once it has left. */
import { expect, test } from 'vitest';
import { FeedReader } from '../../src/runtime/feeds/reader.js';

function reading() {
  const told: string[] = [];
  const reader = new FeedReader<number>({ taken: () => told.push('taken'), left: () => told.push('left') });
  return { reader, told };
}
const end = { done: true, value: undefined };

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
