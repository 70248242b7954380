/** When a held slot comes back: on records that have only what is read of them. */
import { expect, test } from 'vitest';
import type { EventHub } from '../../src/runtime/events/event-hub.js';
import type { EventQueue } from '../../src/runtime/events/event-queue.js';
import { HeldSlots } from '../../src/runtime/tasks/held-slots.js';
import type { TaskRecord } from '../../src/runtime/tasks/task-record.js';

function held() {
  const posted: unknown[] = [];
  const ending: { record: TaskRecord }[] = [];
  const holders = new Set<TaskRecord>();
  const recordWith = (parts: object): TaskRecord =>
    ({ queue: { holders }, attempt: 1, demand: [], ...parts }) as unknown as TaskRecord;
  const eventQueue = { post: (_: unknown, event: unknown) => posted.push(event) } as unknown as EventQueue;
  const slots = new HeldSlots(eventQueue, { tap: undefined } as unknown as EventHub, ending);
  const holder = recordWith({ id: 'holder', demand: [2], extras: { hold: true }, outcome: { status: 'done' } });
  return { slots, posted, ending, holders, recordWith, holder };
}

test('only a task that is done, asks to hold and is not released yet keeps its slot', () => {
  const { slots, holders, recordWith, holder } = held();
  const done = { status: 'done' };
  expect(slots.hold(holder)).toBe(true);
  expect([holder.isHolding, [...holders]]).toEqual([true, [holder]]);
  expect(slots.hold(recordWith({ outcome: done }))).toBe(false);
  expect(slots.hold(recordWith({ outcome: done, extras: { hold: false } }))).toBe(false);
  expect(slots.hold(recordWith({ outcome: done, extras: { hold: true }, isReleased: true }))).toBe(false);
  expect(slots.hold(recordWith({ outcome: { status: 'failed' }, extras: { hold: true } }))).toBe(false);
  expect(slots.hold(recordWith({ outcome: undefined, extras: { hold: true } }))).toBe(false);
});

test('a slot comes back once, when its releaser has settled and all attempts of that have ended', () => {
  const { slots, posted, ending, holders, recordWith, holder } = held();
  slots.hold(holder);
  const releaser = (parts: object) => recordWith({ extras: { release: [holder] }, isSettled: true, ...parts });
  slots.release(releaser({ isSettled: false }));
  slots.release(releaser({ run: {} }));
  const dropped = releaser({});
  ending.push({ record: holder }, { record: dropped });
  slots.release(dropped);
  slots.release(recordWith({ isSettled: true }));
  expect([posted, holder.isHolding]).toEqual([[], true]);
  ending.pop();
  slots.release(dropped);
  slots.release(dropped);
  expect(posted).toEqual([{ type: 'slot.returned', id: 'holder', demand: [2] }]);
  expect([holder.isReleased, holder.isHolding, holders.size]).toEqual([true, false, 0]);
});

test('a releaser that settles first leaves nothing to hold', () => {
  const { slots, posted, recordWith, holder } = held();
  slots.release(recordWith({ extras: { release: [holder] }, isSettled: true }));
  expect(slots.hold(holder)).toBe(false);
  expect(posted).toEqual([]);
});
