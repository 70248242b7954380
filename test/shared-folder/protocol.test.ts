/**
 * The protocol under any order of its steps: real schedulers and queues, a folder in memory, and fast-check to say whose turn
 * it is. Time leaps, so that participants are given up while they live, and come late.
 */
import * as fc from 'fast-check';
import { describe, expect, test as vitest } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { sharedFolder, type SharedFolderOptions } from '../../src/shared-folder/index.js';
import { type Answer, refused, SimulatedWorld, type Stop } from './simulated-folder.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

const TASKS = ['a', 'b', 'c'];

/** How many timers one run waits for: long enough to be stopped and given up meanwhile. */
const WAITS = 5;

/** Gives up whoever misses two beats: in these runs that is most of them. */
const HASTY: SharedFolderOptions = {
  beatMs: 1,
  expireMs: 2,
  checkMs: 1,
  takeovers: 1_000,
  patienceMs: 1_000_000,
  onOutage: () => {},
};

/** Gives up nobody. */
const PATIENT: SharedFolderOptions = { ...HASTY, expireMs: 1_000_000_000 };

interface Run {
  /** What the handles of the participant gave: each task's result, then the reduction of all. */
  readonly results: Promise<readonly string[]>;
}

/** One participant, which notes in `runs` what it runs. */
function join(
  world: SimulatedWorld,
  name: string,
  runs: string[],
  options: SharedFolderOptions,
  stops: readonly Stop[] = [],
): Run {
  const { folder, clock } = world.participant(name, stops);
  const scheduler = new Scheduler({ _environment: { clock, random: () => 0 } });
  const shared = sharedFolder('nowhere', { ...options, _folder: folder, _clock: clock, _participant: name });
  const queue = scheduler.queue('work', shared.over({ concurrency: 1 }));
  // Every run gives another result, so that the results of two runs can be told apart.
  const note = (task: string): string => {
    runs.push(task);
    return `${task} by ${name}, run ${runs.length}`;
  };
  const work = async (task: string): Promise<string> => {
    const result = note(task);
    for (let wait = 0; wait < WAITS; wait += 1) {
      await new Promise<void>((resolve) => {
        clock.after(1, resolve);
      });
    }
    return result;
  };
  const parts = TASKS.map((task) => queue.submit({ id: task }, work, task));
  const all = queue.submit({ id: 'all' }, (results: string[]) => [note('all'), ...results].join('; '), parts);
  scheduler.start();
  return { results: Promise.all([...parts, all].map((handle) => handle.result())) };
}

const anyAnswers = fc.array(fc.constantFrom<Answer[]>('done', 'done', 'refused', 'done but refused'), {
  maxLength: 60,
});

// Long enough for the others to see two beats missing.
const anyStop = fc.record({ after: fc.nat(15), steps: fc.integer({ min: 20, max: 200 }) });
const anyStops = fc.array(anyStop, { minLength: 1, maxLength: 6 });
const anyEnd = fc.record({ after: fc.nat(15), steps: fc.constant(Number.POSITIVE_INFINITY) });
/** The life of one that vanishes. */
const anyShortLife = fc.tuple(fc.array(anyStop, { maxLength: 4 }), anyEnd).map(([stops, end]) => [...stops, end]);

function expectOneOutcome(world: SimulatedWorld, results: readonly (readonly string[])[]): void {
  const [first = [], ...others] = results;
  for (const other of others) expect(other).toEqual(first);
  expect(first.at(-1)?.split('; ').slice(1)).toEqual(first.slice(0, -1));
  for (const [task, log] of world.logs()) {
    // The end is the last entry, and the only one.
    expect([task, log.indexOf('done')]).toEqual([task, log.length - 1]);
    expect(log).not.toContain(undefined);
  }
  expect([...world.logs().keys()].sort()).toEqual(['a', 'all', 'b', 'c']);
}

describe('for any order of the steps of all participants', () => {
  property([fc.scheduler(), fc.integer({ min: 1, max: 3 })])(
    'each task and the reduction run exactly once where nobody is given up',
    async (steps, count) => {
      const world = new SimulatedWorld(steps, []);
      const runs: string[] = [];
      const participants = Array.from({ length: count }, (_, index) => join(world, `p${index}`, runs, PATIENT));
      const results = await steps.waitFor(Promise.all(participants.map((each) => each.results)));
      expectOneOutcome(world, results);
      expect(runs.sort()).toEqual(['a', 'all', 'b', 'c']);
    },
  );

  property([fc.scheduler(), anyAnswers, anyStops, anyStops], { numRuns: scaledRuns(50) })(
    'the same result counts for everybody, also where owners come late and the folder fails',
    async (steps, answers, first, second) => {
      const world = new SimulatedWorld(steps, answers);
      const runs: string[] = [];
      const lives = [first, second, []];
      const participants = lives.map((stops, index) => join(world, `p${index}`, runs, HASTY, stops));
      const results = await steps.waitFor(Promise.all(participants.map((each) => each.results)));
      expectOneOutcome(world, results);
    },
  );

  property([fc.scheduler(), anyAnswers, anyShortLife, anyShortLife, anyStops], { numRuns: scaledRuns(50) })(
    'those that are left finish the work of those that vanish',
    async (steps, answers, first, second, stops) => {
      const world = new SimulatedWorld(steps, answers);
      const runs: string[] = [];
      for (const [index, life] of [first, second].entries()) join(world, `p${index}`, runs, HASTY, life);
      const survivors = [stops, []].map((life, index) => join(world, `survivor${index}`, runs, HASTY, life));
      const results = await steps.waitFor(Promise.all(survivors.map((each) => each.results)));
      expectOneOutcome(world, results);
    },
  );

  property([fc.scheduler(), anyAnswers, anyStops])(
    'a folder that fails makes no task run twice where nobody is given up',
    async (steps, answers, stops) => {
      const world = new SimulatedWorld(steps, answers);
      const runs: string[] = [];
      const participants = [stops, []].map((life, index) => join(world, `p${index}`, runs, PATIENT, life));
      const results = await steps.waitFor(Promise.all(participants.map((each) => each.results)));
      expectOneOutcome(world, results);
      expect(runs.sort()).toEqual(['a', 'all', 'b', 'c']);
    },
  );
});

vitest('an end that was written though the answer was an error is known for its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (steps) => {
      const world = new SimulatedWorld(steps, []);
      const { folder, clock } = world.participant('p0', []);
      let isLost = false;
      const losingAnAnswer = {
        ...folder,
        create: async (name: string, content: Uint8Array) => {
          const isCreated = await folder.create(name, content);
          if (isLost || name !== 'task-a.1') return isCreated;
          isLost = true;
          throw refused();
        },
      };
      const scheduler = new Scheduler({ _environment: { clock, random: () => 0 } });
      const shared = sharedFolder('nowhere', { ...PATIENT, _folder: losingAnAnswer, _clock: clock });
      const queue = scheduler.queue('work', shared.over({ concurrency: 1 }));
      const thrown = new RangeError('no paper');
      const handle = queue.submit({ id: 'a' }, (): never => {
        throw thrown;
      });
      scheduler.start();
      expect(await steps.waitFor(handle.settled())).toEqual({ status: 'failed', error: thrown });
      expect(isLost).toBe(true);
      expect(world.logs()).toEqual(new Map([['a', ['claimed', 'failed']]]));
    }),
    { numRuns: scaledRuns(5) },
  );
});
