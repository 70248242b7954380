/** The groups of files that `npm run mutation` changes, and the tests of each. */

/** @type {(...names: string[]) => string[]} */
const behaviour = (...names) => names.map((name) => `test/behaviour/${name}.test.ts`);
/** @type {(...names: string[]) => string[]} */
const order = (...names) => names.map((name) => `test/order/${name}.test.ts`);

/** @type {(...names: string[]) => string[]} */
const core = (...names) => names.map((name) => `test/core/${name}.test.ts`);
/** @type {(...names: string[]) => string[]} */
const store = (...names) => names.map((name) => `test/store/${name}.test.ts`);
/** @type {(...names: string[]) => string[]} */
const actors = (...names) => names.map((name) => `test/actors/${name}.test.ts`);

/** What the testing kit says of the whole. */
const KIT = ['test/testing/runs.test.ts'];

/**
 * What is mutated, and the tests that are to notice: the most telling first, since a mutant ends at the
 * first test that fails, and slow ones last.
 *
 * `runs` is the part of their runs that properties get, a tenth unless said otherwise.
 *
 * @type {Record<string, { mutate: string[], tests: string[], runs?: number }>}
 */
export const GROUPS = {
  machines: {
    mutate: ['machines/!(index).ts'],
    tests: [
      'test/runtime/chart-parts.test.ts',
      'test/runtime/task-events.test.ts',
      'test/runtime/tables.test.ts',
      'test/docs/lifecycle-diagrams.test.ts',
      'test/runtime/compile.test.ts',
    ],
  },
  parts: {
    mutate: ['src/core/fifo.ts', 'src/core/order/{eviction,indexed-heap,is-shorter,resource-ledger}.ts'],
    tests: [...order('resource-ledger', 'eviction', 'indexed-heap'), 'test/core/fifo.test.ts'],
    runs: 1,
  },
  core: {
    mutate: ['src/core/!(fifo).ts'],
    tests: [
      ...core('failures', 'user-value', 'option-names', 'outcomes', 'needed-package', 'trace-headers', 'command'),
      ...core('durations', 'throw-outside', 'task-context', 'refusal', 'retain', 'deferred'),
      ...behaviour('commands', 'hostile-values', 'refusals', 'failures', 'task-context', 'streams', 'cancel', 'retry'),
      'test/store/durations.test.ts',
      'test/store/encoding.test.ts',
    ],
  },
  order: {
    mutate: ['src/core/order/!(eviction|indexed-heap|is-shorter|resource-ledger).ts'],
    // Left out because they take long: most traces of whole schedulers, and large plans.
    tests: [
      ...order(
        'task-facts',
        'lane',
        'block',
        'graph-node',
        'walk',
        'urgencies',
        'planners',
        'lanes',
        'lane-index',
        'roots',
      ),
      ...order('takeovers', 'demand-cases', 'demand-order', 'planned-order', 'soonest', 'fifo'),
      ...behaviour('planning', 'priority'),
    ],
  },
  settlement: {
    mutate: ['src/runtime/tasks/{settlement,waiters,outcome-at,following}.ts'],
    tests: [
      'test/runtime/waiters.test.ts',
      ...behaviour('failures', 'hold', 'stream-ends', 'streams', 'cancel', 'awaiting', 'events', 'queue-control'),
      'test/store/unneeded.test.ts',
      'test/store/restored.test.ts',
      ...behaviour('following', 'leaving', 'retry', 'parts', 'stall', 'deadlock', 'held-producers'),
      ...behaviour('submission', 'queue-view', 'cancel-along'),
      'test/actors/logic.test.ts',
      'test/inspect/recorder.test.ts',
      'test/inspect/failure-groups.test.ts',
      'test/store/durations.test.ts',
      ...KIT,
    ],
  },
  slots: {
    mutate: ['src/runtime/tasks/held-slots.ts'],
    tests: ['test/runtime/held-slots.test.ts', ...behaviour('hold', 'cancel')],
  },
  periods: {
    mutate: ['src/runtime/run-periods.ts'],
    tests: ['test/runtime/run-periods.test.ts', ...behaviour('start-stop', 'held-producers')],
  },
  attempts: {
    mutate: ['src/runtime/tasks/{attempts,attempt,verdict,yielded-slots}.ts'],
    tests: behaviour(
      'attempts',
      'retry',
      'hold',
      'cancel',
      'start-stop',
      'held-producers',
      'yield-slot',
      'stream-ends',
      'parts',
      'stall',
      'task-context',
      'preemption',
      'streams',
      'failures',
      'queue-control',
      'events',
    ).concat(
      ['test/runtime/ends-together.test.ts', 'test/opentelemetry/spans.test.ts', 'test/inspect/recorder.test.ts'],
      behaviour('awaiting', 'deadlock', 'following', 'inline', 'result-lifetime', 'group', 'terminate'),
      KIT,
    ),
  },
  rates: {
    mutate: ['src/runtime/queues/rate-limit.ts'],
    tests: ['test/runtime/rate-limit.test.ts', ...behaviour('rate-limit', 'why')],
  },
  selection: {
    mutate: ['src/runtime/queues/!(rate-limit).ts'],
    tests: [
      ...behaviour(
        'preemption',
        'preemption-room',
        'queue-control',
        'queue-view',
        'queue-close',
        'deadlock',
        'stall',
        'why',
        'hold',
      ),
      ...behaviour('rate-limit', 'options', 'awaiting', 'following'),
      ...behaviour('yield-slot', 'held-producers', 'wait', 'route', 'priority', 'parts', 'group', 'close'),
      ...order('selection'),
      'test/store/unneeded.test.ts',
      ...actors('actors', 'sources'),
      ...KIT,
    ],
  },
  lifecycle: {
    mutate: ['src/runtime/{feed-port,leftovers,lifecycle,waits}.ts'],
    tests: [
      ...behaviour('close', 'terminate', 'messages', 'stall', 'loop-end', 'deadlock', 'wait', 'group', 'parts'),
      ...actors('invoke', 'embedded'),
      ...store('store-errors', 'unneeded', 'interrupted'),
      ...behaviour(
        'feed-ends',
        'feed-failures',
        'ending',
        'rate-limit',
        'queue-view',
        'bound',
        'queue-control',
        'queue-close',
      ),
      ...behaviour('start-stop', 'feed', 'feed-faults', 'leaving', 'held-producers'),
    ],
  },
  engine: {
    mutate: ['src/runtime/{engine,engine-cells,engine-counts,scheduler-actor,scheduler-cell,scheduler-logic}.ts'],
    tests: [
      ...behaviour('queue-view', 'priority', 'loop-end', 'deadlock', 'events', 'why', 'leaving', 'bound', 'stall'),
      ...actors('logic', 'embedded', 'invoke', 'views', 'observers', 'sources', 'inspection'),
      ...behaviour('parts', 'terminate', 'close', 'wait', 'cancel', 'queue-close', 'start-stop', 'route', 'group'),
      ...behaviour(
        'retry',
        'attempts',
        'yield-slot',
        'preemption-room',
        'held-producers',
        'submit-options',
        'messages',
      ),
      ...actors('actors'),
      ...store('unneeded', 'restored', 'durations'),
      'test/runtime/scheduler-cell.test.ts',
    ],
  },
  scheduler: {
    mutate: ['src/runtime/{group,queue,route,scheduler,scheduler-options}.ts'],
    tests: [
      ...behaviour('options', 'messages', 'route', 'group', 'refusals', 'queue-view', 'wait', 'events', 'close'),
      ...actors('embedded', 'invoke', 'inspection', 'actors'),
      ...behaviour('queue-close', 'commands', 'feed-ends', 'feed-failures', 'bound', 'planning', 'inline'),
      ...store('store-errors', 'unneeded', 'interrupted'),
      ...actors('views'),
    ],
  },
  submission: {
    mutate: ['src/runtime/submission/*.ts'],
    tests: [
      ...behaviour('submit-options', 'submission', 'options', 'arguments', 'route', 'retry', 'refusals', 'commands'),
      ...behaviour('inline', 'ending', 'cancel', 'bound', 'streams', 'group', 'priority'),
      ...['signals', 'task-extras', 'resubmission'].map((name) => `test/runtime/${name}.test.ts`),
      ...store('restored', 'recipes', 'order-after-restoring'),
      ...behaviour('queue-close', 'close', 'feed-closes', 'feed-ends', 'feed-failures'),
    ],
  },
  feeds: {
    mutate: ['src/runtime/feeds/*.ts'],
    tests: [
      ...core('feed-reader', 'feed-parts', 'feed-source', 'feed-outlet'),
      ...behaviour(
        'feed',
        'feed-ends',
        'feed-failures',
        'feed-faults',
        'feed-results',
        'feed-reports',
        'feed-closes',
        'feed-bound',
      ),
      ...behaviour('feed-properties', 'bound', 'close', 'stall', 'queue-close', 'result-lifetime'),
    ],
  },
  keeping: {
    mutate: ['src/runtime/keeping/*.ts'],
    tests: [
      ...store('recipe-parts', 'store-errors', 'handed-over', 'restored', 'interrupted', 'changes', 'missing'),
      ...store('recipes', 'unneeded', 'contract', 'durations'),
      ...store('damage', 'cut', 'crash-points'),
      ...behaviour('planning', 'options'),
    ],
  },
  tasks: {
    mutate: [
      'src/runtime/tasks/!(attempt|attempts|following|held-slots|outcome-at|settlement|verdict|waiters|yielded-slots).ts',
    ],
    tests: [
      ...core('backpressure', 'hidden-handles'),
      ...['unsettled-list', 'unhandled-failures', 'edge-list', 'durations', 'group-members'].map(
        (name) => `test/runtime/${name}.test.ts`,
      ),
      ...behaviour('as-completed', 'arguments', 'cancel', 'cancel-along', 'group', 'result-lifetime', 'leaving'),
      ...behaviour('awaiting', 'failures', 'streams', 'parts', 'task-context', 'submission', 'hold', 'close', 'why'),
      ...behaviour('hostile-values', 'planning', 'events', 'stall', 'refusals', 'stream-ends'),
      ...behaviour('deadlock', 'following', 'yield-slot', 'retry', 'held-producers', 'wait'),
      ...['ends-together', 'resubmission'].map((name) => `test/runtime/${name}.test.ts`),
      ...store('durations', 'restored'),
      ...actors('logic', 'views', 'actors'),
      'test/inspect/recorder.test.ts',
    ],
  },
  events: {
    mutate: ['src/runtime/events/*.ts'],
    tests: [
      'test/runtime/event-queue.test.ts',
      'test/runtime/event-hub.test.ts',
      'test/runtime/turns.test.ts',
      ...behaviour('events', 'hostile-values', 'refusals', 'start-stop', 'streams'),
      'test/inspect/recorder.test.ts',
      'test/opentelemetry/spans.test.ts',
    ],
  },
  statecharts: {
    mutate: ['src/runtime/statecharts/!(tables).ts'],
    tests: [
      ...['cells', 'actor-system', 'chart-parts', 'task-events', 'tables'].map(
        (name) => `test/runtime/${name}.test.ts`,
      ),
      ...actors('actor-face', 'logic', 'actors', 'views', 'observers', 'inspection', 'embedded', 'invoke'),
      'test/runtime/compile.test.ts',
      ...behaviour('submission', 'start-stop'),
    ],
  },
  policies: {
    mutate: ['src/runtime/{policies,planning}/*.ts'],
    tests: [
      ...core('policy-options', 'pending-limit'),
      'test/runtime/deadlines.test.ts',
      'test/runtime/planned-executor.test.ts',
      ...behaviour('retry', 'options', 'rate-limit', 'bound', 'planning', 'cancel-along', 'attempts', 'queue-control'),
      ...behaviour('preemption', 'refusals', 'group'),
    ],
  },
};
