/** Signals that many listen to, by themselves: one listener each, exactly as long as there is somebody to tell. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { onAbort } from '../../src/runtime/submission/signals.js';

function listening() {
  const controller = new AbortController();
  const told: string[] = [];
  const { signal } = controller;
  return {
    controller,
    told,
    listen: (name: string) => onAbort(signal, () => void told.push(name)),
    count: () => getEventListeners(signal, 'abort').length,
  };
}

test('all who listen are told once, by one listener, which is gone then', () => {
  const { controller, told, listen, count } = listening();
  listen('first');
  const leave = listen('second');
  listen('third');
  expect(count()).toBe(1);
  leave();
  expect([count(), told]).toEqual([1, []]);
  controller.abort();
  expect([count(), told]).toEqual([0, ['first', 'third']]);
  controller.signal.dispatchEvent(new Event('abort'));
  expect(told).toEqual(['first', 'third']);
});

test('the listener is gone when the last has left, and back when another comes', () => {
  const { controller, told, listen, count } = listening();
  const [leaveFirst, leaveSecond] = [listen('first'), listen('second')];
  leaveFirst();
  leaveSecond();
  expect(count()).toBe(0);
  const leave = listen('again');
  listen('last');
  expect(count()).toBe(1);
  leave();
  controller.abort();
  expect(told).toEqual(['last']);
});

test('signals are kept apart', () => {
  const [one, other] = [listening(), listening()];
  one.listen('one');
  other.listen('other');
  other.controller.abort();
  expect([one.told, one.count(), other.told]).toEqual([[], 1, ['other']]);
});
