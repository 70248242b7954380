/** The JSON messages of a synthetic run at a moment: totals, samples, periods, failures, details, vicinities. */
import type {
  ActorMessage,
  Details,
  FailureGroup,
  InspectorMessage,
  Neighbour,
  QueueUse,
  Sample,
  Watched,
} from '../../src/inspect/protocol/messages.js';
import { countsOf, FUNCTIONS, QUEUES, type SyntheticRow, type SyntheticRun, stateOf } from './synthetic-run.js';

const endOfUse = (row: SyntheticRow): number => Math.max(row.end, row.freed);
const usesSlot = (row: SyntheticRow, at: number): boolean => row.start !== 0 && row.start <= at && endOfUse(row) > at;

function useOf(run: SyntheticRun, queue: number, at: number): { slotsTaken: number; taken: number[] } {
  const slotsTaken = run.rows.filter((row) => row.queue === queue && usesSlot(row, at)).length;
  return { slotsTaken, taken: (QUEUES[queue]?.capacity ?? []).map((capacity) => Math.min(capacity, slotsTaken * 2)) };
}

const schedulerState = (run: SyntheticRun, at: number): string => {
  if (at >= run.stopped[0] && at < run.stopped[1]) return 'stopped';
  return at >= run.endsAt ? 'running.idle' : 'running.busy';
};

export function totalsOf(run: SyntheticRun, at: number): InspectorMessage {
  const queues = QUEUES.map(
    ({ index, slots, capacity }): QueueUse => ({
      queue: index,
      slots,
      capacity,
      isPaused: false,
      ...useOf(run, index, at),
      counts: countsOf(
        run.rows.filter((row) => row.queue === index),
        at,
      ),
    }),
  );
  const functions = FUNCTIONS.map(({ index, queue }) => {
    const own = run.rows.filter((row) => row.fn === index && row.submitted <= at);
    const ran = own.filter((row) => row.start !== 0 && row.end <= at);
    const times = ran.map((row) => (row.end - row.start) / 10);
    return {
      fn: index,
      queue,
      counts: countsOf(own, at),
      ran: ran.length,
      ranMs: times.reduce((sum, ms) => sum + ms, 0),
      ranSquaredMs: times.reduce((sum, ms) => sum + ms * ms, 0),
      waitedMs: ran.reduce((sum, row) => sum + (row.start - row.ready) / 10, 0),
    };
  });
  return { type: 'totals', at, scheduler: schedulerState(run, at), queues, functions };
}

/** 120 samples of the time after `from` until `at`. */
export function samplesOf(run: SyntheticRun, from: number, at: number, count = 120): InspectorMessage {
  const samples = Array.from({ length: count }, (_, index): Sample => {
    const time = Math.round(from + ((at - from) * (index + 1)) / count);
    const uses = QUEUES.map((queue) => useOf(run, queue.index, time));
    return { at: time, slotsTaken: uses.map((use) => use.slotsTaken), taken: uses.map((use) => use.taken) };
  });
  return { type: 'samples', samples };
}

export function periodsOf(run: SyntheticRun, from: number, at: number): InspectorMessage {
  const all = [
    { at: 1, state: 'running.busy' },
    { at: run.stopped[0], state: 'stopped' },
    { at: run.stopped[1], state: 'running.busy' },
    { at: run.endsAt, state: 'running.idle' },
  ];
  return { type: 'periods', periods: all.filter((period) => period.at > from && period.at <= at) };
}

export function failuresOf(run: SyntheticRun, at: number): InspectorMessage {
  const failed = run.rows.filter((row) => stateOf(row, at) === 'failed' && row.cause !== undefined);
  const causes = [...new Set(failed.map((row) => row.cause ?? ''))];
  const groups = causes.map((cause): FailureGroup => {
    const rows = failed.filter((row) => row.cause === cause);
    const own = rows.filter((row) => row.start !== 0);
    const ends = rows.map((row) => row.end);
    return {
      cause,
      example: cause.replace('#', '500'),
      stack: `${cause}\n    at run (pipeline.js:41:11)\n    at task (pipeline.js:7:3)`,
      count: own.length,
      dependents: rows.length - own.length,
      firstAt: Math.min(...ends),
      lastAt: Math.max(...ends),
      tasks: rows.map((row) => row.task).slice(0, 100),
    };
  });
  return { type: 'failures', groups: groups.sort((a, b) => a.firstAt - b.firstAt), otherCauses: 0 };
}

const neighbourOf = (row: SyntheticRow, at: number): Neighbour => ({
  task: row.task,
  id: `#${row.task}`,
  fn: row.fn,
  queue: row.queue,
  state: stateOf(row, at) ?? 'pending',
});

const firstRowOf = (run: SyntheticRun, task: number): SyntheticRow | undefined =>
  run.rows.find((row) => row.task === task);
const lastRowOf = (run: SyntheticRun, task: number): SyntheticRow | undefined =>
  run.rows.findLast((row) => row.task === task);

const dependentsOf = (run: SyntheticRun, task: number): SyntheticRow[] =>
  run.rows.filter((row) => row.dependencies.includes(task));

/** Answers `near`: what it depends on and what depends on it, each nearest first. */
export function vicinityOf(
  run: SyntheticRun,
  at: number,
  asked: { readonly ask: number; readonly task: number; readonly depth: number; readonly limit: number },
): InspectorMessage {
  const found = new Map<number, number>([[asked.task, 0]]);
  const towards = [
    (task: number) => firstRowOf(run, task)?.dependencies ?? [],
    (task: number) => dependentsOf(run, task).map((row) => row.task),
  ];
  for (const next of towards) {
    const way = new Map<number, number>([[asked.task, 0]]);
    for (const [task, distance] of way) {
      found.set(task, distance);
      if (distance < asked.depth) for (const other of next(task)) if (!way.has(other)) way.set(other, distance + 1);
    }
  }
  const tasks = [...found.keys()].slice(0, asked.limit);
  const kept = new Set(tasks);
  return {
    type: 'vicinity',
    ask: asked.ask,
    task: asked.task,
    tasks: tasks.flatMap((task) => lastRowOf(run, task) ?? []).map((row) => neighbourOf(row, at)),
    edges: tasks.flatMap((task) =>
      (firstRowOf(run, task)?.dependencies ?? []).flatMap((other): [number, number][] =>
        kept.has(other) ? [[other, task]] : [],
      ),
    ),
    demand: [
      asked.task,
      ...dependentsOf(run, asked.task)
        .slice(0, 1)
        .map((row) => row.task),
    ].toReversed(),
    critical: [
      asked.task,
      ...dependentsOf(run, asked.task)
        .slice(-1)
        .map((row) => row.task),
    ],
    leftOut: found.size - tasks.length,
  };
}

export function detailsOf(run: SyntheticRun, at: number, actor: Watched): Details {
  if (actor.kind === 'task') return taskDetails(run, at, actor.task);
  const name = actor.kind === 'queue' ? (QUEUES[actor.queue]?.name ?? '') : 'scheduler';
  return {
    type: 'details',
    actor,
    id: name,
    machine: actor.kind,
    active:
      actor.kind === 'queue'
        ? ['admission.open', 'gate.open', 'flow.flowing', 'activity.working']
        : schedulerState(run, at) === 'stopped'
          ? ['stopped']
          : ['running', schedulerState(run, at)],
    context: JSON.stringify({ name }, undefined, 2),
    why: actor.kind === 'queue' ? 'Takes new tasks; 3 of 6 slots are taken.' : 'Tasks run.',
    messages: messagesOf(name, at, [['scheduler', 'task.offered', 'open · working', true]]),
    leftOut: 0,
    dependencies: [],
    dependents: [],
    dependencyCount: 0,
    dependentCount: 0,
  };
}

function taskDetails(run: SyntheticRun, at: number, task: number): Details {
  const row = lastRowOf(run, task);
  const state = row === undefined ? 'pending' : (stateOf(row, at) ?? 'pending');
  const dependencies = firstRowOf(run, task)?.dependencies ?? [];
  const dependents = dependentsOf(run, task);
  return {
    type: 'details',
    actor: { kind: 'task', task },
    id: `#${task}`,
    machine: 'task',
    active: [state],
    context: JSON.stringify(
      { id: `#${task}`, queue: QUEUES[row?.queue ?? 0]?.name, attempt: row?.attempt },
      undefined,
      2,
    ),
    why: state === 'pending' ? `#${task} is pending: it waits for a dependency.` : `#${task} is ${state}.`,
    messages: messagesOf(`#${task}`, at, [
      ['scheduler', 'dependencies.satisfied', 'ready', true],
      ['instrument', 'start.granted', 'running', true],
      [undefined, 'partial.delivered', 'partial', true],
      [undefined, 'attempt.done', 'done', true],
      ['scheduler', 'pause.ended', 'done', false],
    ]),
    leftOut: 0,
    dependencies: dependencies.flatMap((other) => lastRowOf(run, other) ?? []).map((other) => neighbourOf(other, at)),
    dependents: dependents.slice(0, 50).map((other) => neighbourOf(other, at)),
    dependencyCount: dependencies.length,
    dependentCount: dependents.length,
  };
}

type Step = readonly [from: string | undefined, type: string, state: string, isTaken: boolean];

const messagesOf = (to: string, at: number, steps: readonly Step[]): ActorMessage[] =>
  steps.map(([from, type, state, isTaken], index) => ({
    from,
    to,
    type,
    state,
    isTaken,
    at: Math.max(1, at - (steps.length - index) * 30),
  }));
