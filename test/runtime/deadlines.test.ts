/** Deadlines by themselves: one timer for all of them, set for the earliest. */
import { describe, expect, test } from 'vitest';
import { Deadlines } from '../../src/runtime/policies/deadlines.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';

const LONGEST_TIMER_MS = 2_147_483_647;

/** Deadlines on a clock that counts its timers. */
function made() {
  const clock = new SimulatedClock();
  const delays: number[] = [];
  let live = 0;
  const deadlines = new Deadlines({
    now: () => clock.now(),
    after(delayMs, ring) {
      delays.push(delayMs);
      live += 1;
      let isLive = true;
      const end = (): void => {
        if (isLive) live -= 1;
        isLive = false;
      };
      const stop = clock.after(delayMs, () => {
        end();
        ring();
      });
      return () => {
        end();
        stop();
      };
    },
  });
  const passed: string[] = [];
  const set = (name: string, delayMs: number) => deadlines.set(delayMs, () => passed.push(`${name} at ${clock.now()}`));
  return { clock, deadlines, set, delays, passed, timers: () => live };
}

describe('deadlines', () => {
  test('pass in the order of their times, with one timer at a time', () => {
    const { clock, set, passed, delays, timers } = made();
    set('late', 30);
    set('early', 10);
    set('between', 20);
    expect([delays, timers()]).toEqual([[30, 10], 1]);
    clock.advanceTo(10);
    expect([passed, timers()]).toEqual([['early at 10'], 1]);
    clock.advanceTo(30);
    expect([passed, timers()]).toEqual([['early at 10', 'between at 20', 'late at 30'], 0]);
    expect(delays).toEqual([30, 10, 10, 10]);
  });

  test('of the same time need one timer, and pass together', () => {
    const { clock, set, passed, delays } = made();
    set('a', 10);
    set('b', 10);
    clock.advanceTo(10);
    expect(passed.sort()).toEqual(['a at 10', 'b at 10']);
    expect(delays).toEqual([10]);
  });

  test('keep no timer when the last is called off', () => {
    const { clock, deadlines, set, passed, timers } = made();
    const [a, b] = [set('a', 10), set('b', 20)];
    deadlines.callOff(a);
    expect(timers()).toBe(1);
    deadlines.callOff(b);
    expect([timers(), clock.nextAt()]).toEqual([0, undefined]);
    set('c', 15);
    clock.advanceTo(50);
    expect(passed).toEqual(['c at 15']);
  });

  test('ring early, and in vain, for one that was called off, and go on to the next', () => {
    const { clock, deadlines, set, passed, delays } = made();
    const early = set('early', 10);
    set('late', 30);
    deadlines.callOff(early);
    clock.advanceTo(10);
    expect([passed, delays]).toEqual([[], [10, 20]]);
    clock.advanceTo(30);
    expect(passed).toEqual(['late at 30']);
  });

  test('that have passed, or are none, are called off without effect', () => {
    const { clock, deadlines, set, passed, timers } = made();
    const gone = set('gone', 10);
    clock.advanceTo(10);
    set('next', 10);
    deadlines.callOff(gone);
    deadlines.callOff(undefined);
    expect(timers()).toBe(1);
    clock.advanceTo(20);
    expect(passed).toEqual(['gone at 10', 'next at 20']);
  });

  test('never come before their time: a timer is set in whole milliseconds, rounded up', () => {
    const { set, delays } = made();
    set('a', 2.25);
    expect(delays).toEqual([3]);
  });

  test('that are due already need a timer without delay', () => {
    const { set, delays } = made();
    set('a', -5);
    expect(delays).toEqual([0]);
  });

  test('beyond the longest timer are awaited in parts', () => {
    const { clock, set, passed, delays } = made();
    set('far', LONGEST_TIMER_MS + 5);
    clock.advanceTo(LONGEST_TIMER_MS);
    expect([passed, delays]).toEqual([[], [LONGEST_TIMER_MS, 5]]);
    clock.advanceTo(LONGEST_TIMER_MS + 5);
    expect(passed).toEqual([`far at ${LONGEST_TIMER_MS + 5}`]);
  });

  test('may be set by one that passes', () => {
    const { clock, deadlines, set, passed } = made();
    deadlines.set(10, () => void set('next', 10));
    clock.advanceTo(20);
    expect(passed).toEqual(['next at 20']);
  });
});
