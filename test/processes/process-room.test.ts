/** How starts wait for a system that has no room for another process, with processes that the test plays. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isRefusal, ProcessRoom } from '../../src/executors/processes/process-room.js';

/** A system that has room for `places` processes; each runs until it is ended. */
class SmallSystem {
  places: number;
  most = 0;
  refused = 0;
  readonly running: (() => void)[] = [];

  constructor(places: number) {
    this.places = places;
  }

  readonly start = async (): Promise<string> => {
    if (this.running.length >= this.places) {
      this.refused += 1;
      return 'refused';
    }
    await new Promise<void>((end) => {
      this.running.push(end);
      this.most = Math.max(this.most, this.running.length);
    });
    return 'ended';
  };
}

const through = (room: ProcessRoom, system: SmallSystem, onWait: (wake: () => void) => void = () => {}) =>
  room.through(system.start, (result) => result === 'refused', onWait);

/** Ends one process after the other until all of these runs are over. */
async function endingEach(system: SmallSystem, all: readonly Promise<string>[]): Promise<string[]> {
  const state = { isOver: false };
  const over = Promise.all(all).finally(() => (state.isOver = true));
  while (!state.isOver) {
    await turn();
    system.running.shift()?.();
  }
  return over;
}

test('starts that are refused are tried again when others end, and all of them run', async () => {
  const room = new ProcessRoom();
  const system = new SmallSystem(3);
  const all = Array.from({ length: 20 }, () => through(room, system));
  expect(await endingEach(system, all)).toEqual(Array.from({ length: 20 }, () => 'ended'));
  expect(system.most).toBe(3);
  // Nobody asks again and again: each end lets two try.
  expect(system.refused).toBeLessThanOrEqual(20 + 2 * 20);
});

test('more run at once again when the system has more room', async () => {
  const room = new ProcessRoom();
  const system = new SmallSystem(1);
  const all = Array.from({ length: 12 }, () => through(room, system));
  await turn();
  expect(system.running).toHaveLength(1);
  system.places = 12;
  await endingEach(system, all);
  expect(system.most).toBeGreaterThan(1);
});

test('with no process of its own to wait for it tries again later, and again', async () => {
  const system = new SmallSystem(0);
  let waits = 0;
  const run = through(new ProcessRoom(), system, () => {
    waits += 1;
    if (waits === 3) system.places = 1;
  });
  while (system.running.length === 0) await turn();
  system.running.shift()?.();
  expect(await run).toBe('ended');
  expect(system.refused).toBe(3);
});

test('a wait that is ended makes room for nobody and holds nobody up', async () => {
  const room = new ProcessRoom();
  const system = new SmallSystem(1);
  const first = through(room, system);
  let wake: () => void = () => {};
  let isWanted = true;
  const start = (): Promise<string> => (isWanted ? system.start() : Promise.resolve('not wanted'));
  const second = room.through(
    start,
    (result) => result === 'refused',
    (end) => (wake = end),
  );
  await turn();
  isWanted = false;
  wake();
  expect(await second).toBe('not wanted');
  system.running.shift()?.();
  expect(await first).toBe('ended');
});

test.each([
  ['EAGAIN', true],
  ['EMFILE', true],
  ['ENFILE', true],
  ['ENOMEM', true],
  ['ENOENT', false],
  ['EACCES', false],
])('%s: room later is %s', (code, expected) => {
  expect(isRefusal(Object.assign(new Error(code), { code }))).toBe(expected);
});
