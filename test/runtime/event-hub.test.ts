/** For whom events are made: for those who listen, and for nobody else. */
import { expect, test } from 'vitest';
import { EventHub, type ToldTask } from '../../src/runtime/events/event-hub.js';

const TYPES = ['task', 'partial', 'settled', 'submitted', 'restored', 'slot', 'scheduler', 'stalled'] as const;

const heardBy = (hub: EventHub): string[] => TYPES.filter((type) => hub.hears[type]);

/** A task with nobody of its own to tell, which cannot be described. */
const indescribable: ToldTask = {
  get id(): never {
    throw new Error('an event was made');
  },
  attempt: 1,
  outcome: undefined,
  extras: undefined,
  queue: { name: 'q', policy: {} },
};

test('nothing is heard at first', () => {
  expect(heardBy(new EventHub())).toEqual([]);
});

test.each(TYPES)('events of type %s are heard from the first listener to the last', (type) => {
  const hub = new EventHub();
  const [leaveFirst, leaveSecond] = [hub.on(type, () => undefined), hub.on(type, () => undefined)];
  expect(heardBy(hub)).toEqual([type]);
  leaveFirst();
  expect(heardBy(hub)).toEqual([type]);
  leaveSecond();
  expect(heardBy(hub)).toEqual([]);
});

test('no event is made that nobody hears', () => {
  const hub = new EventHub();
  const tell = (): void => {
    hub.moved(indescribable, 'ready', 'running');
    hub.settled(indescribable, { status: 'done', result: 1 });
  };
  expect(tell).not.toThrow();
  hub.on('settled', () => undefined);
  expect(tell).toThrow('an event was made');
});
