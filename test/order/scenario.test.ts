import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import { parseScenario } from '../../src/testing/index.js';
import { property } from '../support/property.js';
import { anyScenario } from '../support/scenario-arbitrary.js';

const queue = { name: 'q', concurrency: 1, resources: { mem: 2 } };
const task = { id: 't0', queue: 'q', deps: [], duration: 1 };
const stream = { ...task, id: 's', partials: 2, partialAt: [0, 1] };

property([anyScenario(20)])('for any scenario, parsing gives the same scenario', (scenario) => {
  expect(parseScenario(JSON.parse(JSON.stringify(scenario)))).toEqual(scenario);
});

property([fc.anything()])('for any other value, parsing throws a SchedulerError or gives a scenario', (value) => {
  try {
    expect(parseScenario(value)).toHaveProperty('queues');
  } catch (error) {
    expect(error).toBeInstanceOf(SchedulerError);
  }
});

test('tasks come in submission order, control in time order', () => {
  const { tasks, control } = parseScenario({
    queues: [queue],
    tasks: [
      { ...task, id: 'late', submitAt: 3, deps: ['early'] },
      { ...task, id: 'early' },
    ],
    control: [
      { at: 5, do: 'resume' },
      { at: 2, do: 'stop' },
    ],
  });
  expect(tasks.map(({ id }) => id)).toEqual(['early', 'late']);
  expect(control?.map(({ at }) => at)).toEqual([2, 5]);
});

test('what a scenario does not have is left out', () => {
  const given = { queues: [{ ...queue, colour: 'red' }], tasks: [{ ...task, colour: 'red' }], colour: 'red' };
  expect(parseScenario(given)).toEqual({ queues: [queue], tasks: [task] });
});

describe('a scenario is refused', () => {
  test.each([
    ['that is none', [], 'InvalidArgument', /scenario: expected an object/],
    ['without tasks', { queues: [queue] }, 'InvalidArgument', /tasks: expected an array/],
    [
      'with a queue without slots',
      { queues: [{ ...queue, concurrency: 0 }], tasks: [] },
      'InvalidArgument',
      /concurrency/,
    ],
    ['with two queues of one name', { queues: [queue, queue], tasks: [] }, 'DuplicateQueue', /queues named q/],
    ['with two tasks of one id', of(task, task), 'DuplicateTask', /t0/],
    ['with a task on no queue', of({ ...task, queue: 'r' }), 'InvalidArgument', /t0 names queue r/],
    [
      'with a negative duration',
      of({ ...task, duration: -1 }),
      'InvalidArgument',
      /\(t0\)\.duration.*at least 0, got -1/,
    ],
    ['with half a unit of time', of({ ...task, submitAt: 0.5 }), 'InvalidArgument', /submitAt: expected an integer/],
    ['with an id that looks like a partial result', of({ ...task, id: 't#0' }), 'InvalidArgument', /"#"/],
    ['with fewer times than partial results', of({ ...stream, partialAt: [1] }), 'InvalidArgument', /2 entries.*got 1/],
    ['with partial results out of order', of({ ...stream, partialAt: [1, 0] }), 'InvalidArgument', /partialAt\[1\]/],
    [
      'with a partial result after the end',
      of({ ...stream, partialAt: [0, 2] }),
      'InvalidArgument',
      /after the end at 1/,
    ],
    ['with an unknown resource', of({ ...task, resources: { io: 1 } }), 'UnknownResource', /t0 demands io/],
    ['with a demand that never fits', of({ ...task, resources: { mem: 3 } }), 'DemandOverCapacity', /3 of mem.*has 2/],
    ['with a negative demand', of({ ...task, resources: { mem: -1 } }), 'InvalidArgument', /resources\.mem/],
    ['with a dependency that does not exist', of({ ...task, deps: ['t9'] }), 'UnknownDependency', /t0 depends on t9/],
    [
      'with a dependency that comes later',
      of({ ...task, deps: ['t1'] }, other('t1')),
      'UnknownDependency',
      /t1.*after it/,
    ],
    [
      'with a dependency submitted later',
      of({ ...task, submitAt: 4 }, other('t1', 't0')),
      'UnknownDependency',
      /after it/,
    ],
    ['with a task that depends on itself', of({ ...task, deps: ['t0'] }), 'DependencyCycle', /t0 -> t0/],
    ['with a cycle by after', of({ ...task, after: ['t1'] }, other('t1', 't0')), 'DependencyCycle', /t0 -> t1 -> t0/],
    [
      'with a partial result that is beyond the end',
      of(stream, other('t1', 's#2')),
      'PartialOutOfRange',
      /no result 2/,
    ],
    ['with a partial result of a plain task', of(task, other('t1', 't0#0')), 'PartialOutOfRange', /has 0 results/],
    ['with a partial result without a number', of(stream, other('t1', 's#x')), 'InvalidArgument', /s#x/],
    [
      'with a release of what does not hold',
      of(task, { ...other('t1'), release: ['t0'] }),
      'NotHeld',
      /t1 releases t0/,
    ],
    [
      'with a rate that has no interval',
      { ...of(), queues: [{ ...queue, rate: { limit: 1 } }] },
      'InvalidArgument',
      /interval/,
    ],
    [
      'with a rate that regains starts between two units',
      { ...of(), queues: [{ ...queue, rateByKey: { limit: 2, interval: 3 } }] },
      'InvalidArgument',
      /rateByKey\.interval: expected a multiple of limit 2, got 3/,
    ],
    ['with a key on a queue without rates by key', of({ ...task, rateKey: 'k' }), 'InvalidArgument', /no rateByKey/],
    [
      'with a task that follows a later one',
      of({ ...task, follows: 't1' }, other('t1')),
      'UnknownDependency',
      /after it/,
    ],
    ['with a stream that follows another task', of(task, { ...stream, follows: 't0' }), 'InvalidArgument', /follows/],
    [
      'with a task that holds and follows',
      of(task, { ...other('t1'), hold: true, follows: 't0' }),
      'InvalidArgument',
      /neither have partial results nor hold/,
    ],
    ['with an unknown control', { ...of(), control: [{ at: 0, do: 'pause' }] }, 'InvalidArgument', /got "pause"/],
    ['with an unknown event', { ...of(), trace: [{ at: 0, event: 'end', id: 't0' }] }, 'InvalidArgument', /trace\[0\]/],
  ] as const)('%s', (_, scenario, code, message) => {
    const refused: unknown = catchFrom(() => parseScenario(scenario));
    expect(refused).toBeInstanceOf(SchedulerError);
    expect(refused).toHaveProperty('code', code);
    expect(refused).toHaveProperty('message', expect.stringMatching(message));
  });
});

function catchFrom(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

function of(...tasks: readonly object[]): object {
  return { queues: [queue], tasks };
}

function other(id: string, ...deps: readonly string[]): object {
  return { ...task, id, deps };
}
