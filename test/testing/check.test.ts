/** `check`: what is right is accepted, and each way of being wrong breaks the invariant that names it. */
import { expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import {
  check,
  type InvariantName,
  INVARIANTS,
  type Scenario,
  type ScenarioTask,
  type TraceEvent,
} from '../../src/testing/index.js';

const task = (id: string, more: Partial<ScenarioTask> = {}): ScenarioTask => ({
  id,
  queue: 'q',
  deps: [],
  duration: 1,
  ...more,
});

const graph = (...tasks: readonly ScenarioTask[]): Scenario => ({
  queues: [{ name: 'q', concurrency: 1, resources: { mem: 2 } }],
  tasks,
});
const two = (...tasks: readonly ScenarioTask[]): Scenario => ({
  queues: [{ name: 'q', concurrency: 2, resources: { mem: 2 } }],
  tasks,
});

/** `3 start a` is an event at time 3; a JSON object after it gives more of its fields. */
function told(text: string): readonly TraceEvent[] {
  return text
    .trim()
    .split('\n')
    .map((line): TraceEvent => {
      const [at, event, id, ...rest] = line.trim().split(' ');
      const more: unknown = rest.length === 0 ? {} : JSON.parse(rest.join(' '));
      // `check` validates what it is given.
      return { at: Number(at), event, ...subjectOf(event, id), ...(more as object) } as TraceEvent;
    });
}

function subjectOf(event: string | undefined, subject: string | undefined): object {
  if (subject === undefined) return {};
  if (event === 'stop' || event === 'stopped') return { call: Number(subject) };
  return event === 'state' ? { state: subject } : event === 'ledger' ? { queue: subject } : { id: subject };
}

function broken(text: string, of: Scenario): readonly InvariantName[] {
  return check(told(text), of).invariants.flatMap(({ name, witness }) => (witness === undefined ? [] : [name]));
}

const AB = graph(task('a'), task('b', { deps: ['a'] }));

test('a trace that is right breaks nothing, and says what was asked for', () => {
  const report = check(told('0 start a\n1 done a\n1 start b\n2 done b'), AB);
  expect(report.holds).toBe(true);
  expect(report.invariants.map(({ name }) => name)).toEqual(Object.keys(INVARIANTS));
  const asked = report.invariants.filter(({ checked }) => checked > 0).map(({ name }) => name);
  expect(asked).toContain('order');
  expect(asked).not.toContain('cancel');
});

test('a witness names the tasks and tells what happened to them', () => {
  const { invariants } = check(told('0 start b\n1 done b\n1 start a\n2 done a'), AB);
  const { witness } = invariants.find(({ name }) => name === 'dependencies') ?? {};
  expect(witness?.message).toBe('b starts before a is there');
  expect(witness?.tasks).toEqual(['b', 'a']);
  expect(witness?.events.at(-1)).toMatchObject({ event: 'start', id: 'b' });
});

const P = graph(task('p', { partials: 2, partialAt: [0, 1] }));
const HELD = graph(task('h', { hold: true }), task('r', { queue: 'other', release: ['h'] }));
const held: Scenario = { ...HELD, queues: [...HELD.queues, { name: 'other', concurrency: 1 }] };
const whole = '0 resume\n0 submit a\n0 start a {"attempt":1}';
const ended = '1 end a {"attempt":1,"as":"done"}\n1 done a\n1 return a';

test.each<[InvariantName, string, string, Scenario]>([
  ['dependencies', 'a task starts before its dependency is done', '0 start b\n1 done b\n1 start a\n2 done a', AB],
  ['dependencies', 'a task is said to be ready too early', '0 resume\n0 submit a\n0 submit b\n0 ready b', AB],
  ['arguments', 'a task receives something else', `${whole}\n1 submit b\n${ended}\n1 start b {"inputs":["a/2"]}`, AB],
  ['slots', 'two tasks run in one slot', '0 start b\n0 start a', graph(task('a'), task('b'))],
  [
    'resources',
    'two tasks take more than there is',
    '0 start b\n0 start a',
    two(task('a', { resources: { mem: 1 } }), task('b', { resources: { mem: 2 } })),
  ],
  ['returns', 'a slot comes back twice', `${whole}\n${ended}\n1 return a`, graph(task('a'))],
  ['returns', 'a slot comes back before the attempt has ended', `${whole}\n0 return a`, graph(task('a'))],
  ['returns', 'a slot does not come back', `${whole}\n1 end a {"attempt":1,"as":"done"}\n1 done a`, graph(task('a'))],
  [
    'returns',
    'a held slot comes back before it is released',
    `0 resume\n0 submit h\n0 submit r\n0 start h {"attempt":1}\n1 end h {"attempt":1,"as":"done"}\n1 done h\n1 return h`,
    held,
  ],
  [
    'accounting',
    'the ledger says that something is taken',
    `${whole}\n${ended}\n1 ledger q {"slots":0,"resources":{"mem":1}}`,
    graph(task('a')),
  ],
  [
    'partials',
    'a partial result is delivered twice',
    '0 start p\n0 partial p#0\n0 partial p#0\n1 partial p#1\n1 done p',
    P,
  ],
  ['partials', 'a partial result is left out', '0 start p\n0 partial p#1\n1 done p', P],
  ['partials', 'a task is done before all are delivered', '0 start p\n0 partial p#0\n1 done p', P],
  ['stop', 'a task starts while stopped', '0 stop\n0 start a\n1 done a', graph(task('a'))],
  ['settlement', 'a task settles twice', '0 start a\n1 done a\n1 done a', graph(task('a'))],
  ['settlement', 'a task starts again', '0 start a\n1 done a\n1 start a\n2 done a', graph(task('a'))],
  ['attempts', 'an attempt is left out', '0 resume\n0 submit a\n0 start a {"attempt":2}', graph(task('a'))],
  [
    'attempts',
    'a task is tried too often',
    `${whole}\n1 end a {"attempt":1,"as":"failed"}\n1 again a {"attempt":1,"to":"ready"}\n1 return a
     1 start a {"attempt":2}\n2 end a {"attempt":2,"as":"failed"}\n2 again a {"attempt":2,"to":"ready"}\n2 return a\n2 start a {"attempt":3}`,
    graph(task('a', { attempts: 2 })),
  ],
  [
    'attempts',
    'a task is given up too early',
    `${whole}\n1 end a {"attempt":1,"as":"failed"}\n1 failed a\n1 return a`,
    graph(task('a', { attempts: 2 })),
  ],
  ['outcome', 'a task is done while its attempt runs', `${whole}\n0 done a`, graph(task('a'))],
  ['outcome', 'an end is lost', `${whole}\n1 end a {"attempt":1,"as":"done"}\n1 return a`, graph(task('a'))],
  ['order', 'an older task starts first', '0 start a\n1 done a\n1 start b\n2 done b', graph(task('a'), task('b'))],
  [
    'order',
    'a newer task of a queue in order of submission starts first',
    '0 start b\n1 done b\n1 start a\n2 done a',
    { ...graph(task('a'), task('b')), queues: [{ name: 'q', concurrency: 1, order: 'fifo' }] },
  ],
  ['order', 'a less urgent task starts first', '0 start b\n1 done b', graph(task('a', { priority: 1 }), task('b'))],
  [
    'failures',
    'a dependent does not fail',
    `${whole}\n1 submit b\n1 end a {"attempt":1,"as":"failed"}\n1 failed a`,
    AB,
  ],
  [
    'failures',
    'a dependent names another cause',
    `${whole}\n0 submit b\n0 failed b {"cause":"a","code":"DependencyFailed"}`,
    AB,
  ],
  ['cancel', 'a cancelled task starts', '0 submit a\n0 cancel a\n0 resume\n0 start a {"attempt":1}', graph(task('a'))],
  ['conservation', 'a ready task that fits waits', '1 start a\n2 done a', graph(task('a'))],
  ['acknowledgement', 'a stop is not acknowledged', '0 resume\n0 state busy\n0 submit a\n0 stop', graph(task('a'))],
  [
    'acknowledgement',
    'a stop is announced that nobody asked for',
    '0 resume\n0 submit a\n0 state stopped',
    graph(task('a')),
  ],
  [
    'acknowledgement',
    'the promise of a stop resolves while an attempt goes on that ran at its call',
    `${whole}\n0 stop 0\n0 state stopped\n0 stopped 0`,
    graph(task('a')),
  ],
  [
    'acknowledgement',
    'the promise of a stop does not resolve',
    `${whole}\n0 stop 0\n0 state stopped\n1 end a {"attempt":1,"as":"done"}\n1 done a\n1 return a`,
    graph(task('a')),
  ],
  [
    'stop',
    'a function is called after a stop',
    `${whole}\n0 stop\n0 state stopped\n0 ask a {"attempt":1}\n0 begin a {"attempt":1}`,
    graph(task('a')),
  ],
  [
    'stop',
    'a function is not called though nothing has stopped',
    `${whole}\n0 ask a {"attempt":1}\n0 again a {"attempt":0,"to":"ready"}`,
    graph(task('a')),
  ],
  ['handles', 'a handle has another state', `${whole}\n0 handle a {"state":"ready"}`, graph(task('a'))],
  ['handles', 'events tell another state', `${whole}\n0 handle a {"state":"running","told":"ready"}`, graph(task('a'))],
  ['idle', 'idle is announced though a task runs', `${whole}\n0 state idle`, graph(task('a'))],
  ['idle', 'idle is not announced', `${whole}\n0 state busy\n${ended}`, graph(task('a'))],
  ['progress', 'an attempt never ends', '0 start a', graph(task('a'))],
])('%s: %s', (name, _, trace, of) => {
  expect(broken(trace, of)).toContain(name);
});

test('a trace that ends in the middle is not held to its end', () => {
  const trace = told('0 start a');
  expect(check(trace, graph(task('a')), { isComplete: false }).holds).toBe(true);
});

test('a trace that is none is refused with the event and the field', () => {
  expect(() => check([{ at: 0, event: 'start' } as never], AB)).toThrow(SchedulerError);
  expect(() => check([{ at: 0, event: 'start' } as never], AB)).toThrow('trace[0].id: expected a non-empty string');
  expect(() => check(told('0 state lost'), AB)).toThrow('trace[0].state');
  expect(() => check(told('0 vanish a'), AB)).toThrow('vanish is not an event of a trace');
});
