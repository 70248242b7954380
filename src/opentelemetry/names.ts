/**
 * The names of spans, attributes and metrics, in the style of OpenTelemetry's semantic conventions: `code.function.name`,
 * `process.executable.name` and `error.type` are theirs. docs/opentelemetry.md lists all of them, which a test compares.
 */

/** The attributes of spans and metrics. @internal */
export const ATTRIBUTE = {
  function: 'code.function.name',
  program: 'process.executable.name',
  error: 'error.type',
  queue: 'pullgraph.queue.name',
  executor: 'pullgraph.executor.name',
  task: 'pullgraph.task.id',
  state: 'pullgraph.task.state',
  outcome: 'pullgraph.task.outcome',
  priority: 'pullgraph.task.priority',
  dependencies: 'pullgraph.task.dependencies',
  attempts: 'pullgraph.task.attempts',
  partials: 'pullgraph.task.partials',
  isRestored: 'pullgraph.task.restored',
  isAdopted: 'pullgraph.task.adopted',
  attempt: 'pullgraph.attempt.number',
  attemptOutcome: 'pullgraph.attempt.outcome',
  resource: 'pullgraph.resource.name',
  event: 'pullgraph.event.kind',
} as const;

/** The first words of the spans' names; the second is the function's. @internal */
export const SPAN = { task: 'task', attempt: 'attempt' } as const;

/** Stands for all names beyond the bounds, as in the conventions. @internal */
export const OTHER = '_OTHER';

/** How a metric is collected. @internal */
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** Counted and timed as it happens. @internal */
export const RECORDED = {
  settled: { name: 'pullgraph.task.settled', unit: '{task}', description: 'Tasks that have settled' },
  waited: {
    name: 'pullgraph.task.wait.duration',
    unit: 's',
    description: 'Time from ready, with all dependencies there, to the start of the attempt',
  },
  ran: { name: 'pullgraph.attempt.duration', unit: 's', description: 'Time from the start of an attempt to its end' },
} as const satisfies Record<string, Metric>;

/** Read when metrics are collected: what there is at the time. @internal */
export const CURRENT = {
  tasks: { name: 'pullgraph.queue.tasks', unit: '{task}', description: 'Tasks that have not settled' },
  slots: { name: 'pullgraph.queue.slot.usage', unit: '{slot}', description: 'Slots in use' },
  slotLimit: { name: 'pullgraph.queue.slot.limit', unit: '{slot}', description: 'Slots, where they are limited' },
  resource: { name: 'pullgraph.queue.resource.usage', unit: '1', description: 'Amount of a resource in use' },
  resourceLimit: { name: 'pullgraph.queue.resource.limit', unit: '1', description: 'Capacity of a resource' },
} as const satisfies Record<string, Metric>;

/** Read when metrics are collected: what there has been so far. @internal */
export const TOTAL = {
  visits: { name: 'pullgraph.demand.visits', unit: '{visit}', description: 'Edges that demand walks have looked at' },
  storeErrors: { name: 'pullgraph.store.errors', unit: '{error}', description: 'Errors of the store' },
  ignored: {
    name: 'pullgraph.engine.ignored_events',
    unit: '{event}',
    description: 'Events that the engine did not act on',
  },
  instrumentErrors: {
    name: 'pullgraph.opentelemetry.errors',
    unit: '{error}',
    description: 'Errors thrown by tracer, meter, propagator, context manager or redact',
  },
} as const satisfies Record<string, Metric>;

/** The boundaries of the histograms, in seconds: from a short task to a day. @internal */
export const BOUNDARIES_S = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400,
];
