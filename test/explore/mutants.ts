/**
 * Planted bugs: charts and a protocol that are wrong on purpose, each in one place. A chart is changed as data, the protocol by
 * changing what a process sends; the product has no switch for any of it.
 */
import { type AnyStateMachine, createMachine } from 'xstate';
import type { Bounds } from '../../src/testing/explore/bounds.js';
import { MACHINES } from '../../src/testing/explore/explore.js';
import type { Plan, TaskPlan } from '../../src/testing/explore/graph.js';
import type { MachineName } from '../../src/testing/explore/ignored.js';
import type { Message } from '../../src/testing/explore/messages.js';
import { type Step, System } from '../../src/testing/explore/system.js';

/** One way on from a state, as a chart has it. */
interface Way {
  target?: string;
  guard?: string;
  actions?: string | string[];
}

/** A planted bug. */
export interface Mutant {
  readonly name: string;
  readonly system: (plan: Plan, bounds: Bounds) => System;
}

/** What is done to the ways that a state has for an event. */
type Edit = (ways: Way[]) => Way[];

const without =
  (action: string): Edit =>
  (ways) =>
    ways.map((way) => ({ ...way, actions: [way.actions ?? []].flat().filter((name) => name !== action) }));
const twice =
  (action: string): Edit =>
  (ways) =>
    ways.map((way) => ({
      ...way,
      actions: [way.actions ?? []].flat().flatMap((name) => (name === action ? [name, name] : [name])),
    }));
const unguarded =
  (guard: string): Edit =>
  (ways) =>
    ways.map((way) => {
      const { guard: own, ...rest } = way;
      return own === guard ? rest : way;
    });
const to =
  (target: string, from?: string): Edit =>
  (ways) =>
    ways.map((way) => (from === undefined || way.target === from ? { ...way, target } : way));
const ignored: Edit = () => [];
const staying: Edit = (ways) =>
  ways.map(({ guard, actions }) => ({ ...(guard && { guard }), ...(actions && { actions }) }));
const lastOnly: Edit = (ways) => ways.slice(-1);
const withoutGuard =
  (guard: string): Edit =>
  (ways) =>
    ways.filter((way) => way.guard !== guard);

/** A chart in which `edit` was applied to an event of a state. */
function chart(name: string, machine: MachineName, state: string, event: string, edit: Edit): Mutant {
  return changed(name, machine, (config) => {
    const on = stateOf(config, state)['on'] as Record<string, unknown>;
    const ways = edit(([on[event]] as unknown[]).flat() as Way[]);
    if (ways.length === 0) delete on[event];
    else on[event] = ways;
  });
}

/** A chart in which the entry of a state lacks an action. */
function entry(name: string, machine: MachineName, state: string, action: string): Mutant {
  return changed(name, machine, (config) => {
    const found = stateOf(config, state);
    found['entry'] = [found['entry'] ?? []].flat().filter((each) => each !== action);
  });
}

type Config = Record<string, unknown>;

function changed(name: string, machine: MachineName, change: (config: Config) => void): Mutant {
  let mutated: AnyStateMachine | undefined;
  return {
    name,
    system(plan, bounds) {
      mutated ??= changedMachine(MACHINES[machine], change);
      return new System(plan, bounds, { ...MACHINES, [machine]: mutated });
    },
  };
}

function changedMachine(machine: AnyStateMachine, change: (config: Config) => void): AnyStateMachine {
  const config = copy(machine.config) as Config;
  change(config);
  return createMachine(config).provide(machine.implementations as never) as AnyStateMachine;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]));
}

function stateOf(config: Config, path: string): Config {
  return path.split('.').reduce((at, name) => (at['states'] as Record<string, Config>)[name] ?? {}, config);
}

/** A protocol in which `change` is applied to what is sent. */
function protocol(name: string, change: (sent: readonly Message[], system: System) => readonly Message[]): Mutant {
  class Changed extends System {
    override step(vector: Int32Array, process: number, message: number): Step {
      const step = super.step(vector, process, message);
      const before = step.sent.map((each) => this.messages.valueOf(each.message));
      const after = change(before, this);
      if (after === before) return step;
      const sent = after.map((each) => {
        const place = before.indexOf(each);
        return { to: step.sent[place]?.to ?? this.scheduler, message: this.messages.numberOf(each) };
      });
      return { ...step, sent };
    }
  }
  return { name, system: (plan, bounds) => new Changed(plan, bounds, MACHINES) };
}

/** A scheduler that knows another plan than the one that is checked. */
function replanned(name: string, change: (task: TaskPlan) => TaskPlan): Mutant {
  class Replanned extends System {
    override readonly plan: Plan;

    constructor(plan: Plan, bounds: Bounds) {
      super({ ...plan, tasks: plan.tasks.map(change) }, bounds, MACHINES);
      this.plan = plan;
    }
  }
  return { name, system: (plan, bounds) => new Replanned(plan, bounds) };
}

const lost =
  (isLost: (message: Message) => boolean) =>
  (sent: readonly Message[]): readonly Message[] =>
    sent.some(isLost) ? sent.filter((message) => !isLost(message)) : sent;
const doubled =
  (isIt: (message: Message) => boolean) =>
  (sent: readonly Message[]): readonly Message[] =>
    sent.some(isIt) ? sent.flatMap((message) => (isIt(message) ? [message, message] : [message])) : sent;

/** All of them. */
export const MUTANTS: readonly Mutant[] = [
  chart(
    'a report of an old attempt ends the new one',
    'task',
    'running',
    'attempt.done',
    unguarded('isFromThisAttempt'),
  ),
  chart(
    'a partial result of an old attempt counts',
    'task',
    'partial',
    'partial.delivered',
    unguarded('isFromThisAttempt'),
  ),
  chart('a timed-out attempt is not told to end', 'task', 'running', 'attempt.timedOut', without('dropAttempt')),
  chart('a cancelled attempt is not told to end', 'task', 'partial', 'cancel.requested', without('dropAttempt')),
  chart('a retry forgets the slot of the failed attempt', 'task', 'running', 'attempt.failed', without('goBack')),
  chart(
    'a retry of a task with partial results is left out',
    'task',
    'partial',
    'attempt.failed',
    withoutGuard('isRetriedAtOnce'),
  ),
  chart('a pause before a retry is never over', 'task', 'pending', 'pause.ended', ignored),
  chart('a pause before a retry is not begun', 'task', 'running', 'attempt.failed', without('pause')),
  chart('a withdrawn start counts as an attempt', 'task', 'running', 'start.withdrawn', without('lowerAttempt')),
  chart('a withdrawn start is lost', 'task', 'running', 'start.withdrawn', without('goBack')),
  chart('a granted start does not begin an attempt', 'task', 'ready', 'start.granted', without('startAttempt')),
  chart('an attempt keeps the number of the one before', 'task', 'ready', 'start.granted', without('raiseAttempt')),
  chart('a granted start leads past running', 'task', 'ready', 'start.granted', to('partial')),
  chart('becoming ready is not announced', 'task', 'pending', 'dependencies.satisfied', without('announceReady')),
  chart('a doomed task becomes ready', 'task', 'pending', 'dependency.failed', to('ready')),
  chart('a failed task counts as done', 'task', 'running', 'attempt.failed', to('done', 'failed')),
  chart('a partial result is delivered twice', 'task', 'partial', 'partial.delivered', twice('deliverPartial')),
  chart('the first partial result is not counted', 'task', 'running', 'partial.delivered', without('countPartial')),
  chart('the first partial result is not passed on', 'task', 'running', 'partial.delivered', without('deliverPartial')),
  chart('a cancelled task goes on waiting', 'task', 'ready', 'cancel.requested', staying),
  chart('a stale report is not counted', 'task', 'ready', 'attempt.done', without('countStale')),
  chart('a task that follows another misses its end', 'task', 'pending', 'followed.done', ignored),
  entry('a failed task is not settled', 'task', 'failed', 'settle'),
  chart('an outcome is not kept', 'task', 'running', 'attempt.done', without('keepOutcome')),
  chart('a shut gate grants', 'queue', 'activity.idle', 'task.offered', (ways) =>
    ways.map((way) => (way.guard === 'canTakeLastSlot' ? { ...way, guard: 'wantsLastSlot' } : way)),
  ),
  chart('a paused queue grants', 'queue', 'flow.flowing', 'pause.requested', staying),
  chart('a grant takes nothing', 'queue', 'activity.idle', 'task.offered', without('take')),
  chart('a grant takes twice', 'queue', 'activity.working', 'task.offered', twice('take')),
  chart('a returned slot is not given back', 'queue', 'activity.working', 'slot.returned', without('giveBack')),
  chart(
    'a saturated queue gives its slot back twice',
    'queue',
    'activity.saturated',
    'slot.returned',
    twice('giveBack'),
  ),
  chart('a returned slot is not announced', 'queue', 'activity.saturated', 'slot.returned', without('announceRoom')),
  chart('a refusal is not answered', 'queue', 'activity.working', 'task.offered', without('refuse')),
  chart(
    'the last slot leaves the queue working',
    'queue',
    'activity.idle',
    'task.offered',
    withoutGuard('canTakeLastSlot'),
  ),
  chart(
    'the last returned slot leaves the queue saturated',
    'queue',
    'activity.saturated',
    'slot.returned',
    withoutGuard('returnsLastSlot'),
  ),
  chart('a saturated queue asks for what fits and no more', 'queue', 'activity.saturated', 'task.offered', ignored),
  chart('the gate stays open after a stop', 'queue', 'gate.open', 'scheduler.stopped', ignored),
  chart('the gate stays shut after a start', 'queue', 'gate.shut', 'scheduler.started', staying),
  chart('a resumed queue stays paused', 'queue', 'flow.paused', 'resume.requested', staying),
  chart('a stop leaves the gates open', 'scheduler', 'running', 'stop.requested', without('shutGates')),
  chart('a start leaves the gates shut', 'scheduler', 'stopped', 'start.requested', without('openGates')),
  chart('a change leads to no selection', 'scheduler', 'running.busy', 'work.changed', without('select')),
  chart('a stalled scheduler stays so', 'scheduler', 'running.stalled', 'work.changed', staying),
  chart('an idle scheduler stays so', 'scheduler', 'running.idle', 'work.changed', staying),
  chart('what cannot go on is called idle', 'scheduler', 'running.busy', 'selection.ended', to('idle')),
  chart('rest is not noticed', 'scheduler', 'running.busy', 'selection.ended', lastOnly),
  chart('a close cuts off what is left', 'scheduler', 'running', 'close.requested', to('closing')),
  chart('a drained scheduler does not close', 'scheduler', 'draining', 'selection.ended', staying),
  entry('a closing scheduler cancels nothing', 'scheduler', 'closing', 'beginClosing'),
  entry('a start selects nothing', 'scheduler', 'running.busy', 'select'),
  entry('a stop is not reported', 'scheduler', 'stopped', 'reportState'),
  protocol(
    'a slot is given back twice',
    doubled(({ type }) => type === 'returned'),
  ),
  protocol(
    'a slot is not given back',
    lost(({ type }) => type === 'returned'),
  ),
  protocol(
    'a failure is not passed on',
    lost(({ type }) => type === 'doomed'),
  ),
  protocol(
    'a start is granted twice',
    doubled((message) => message.type === 'granted' && !('ledger' in message)),
  ),
  protocol(
    'a late start leaks its slot',
    lost((message) => message.type === 'task' && message.news === undefined),
  ),
  protocol(
    'a stop overtakes nothing and is lost',
    lost(({ type }) => type === 'stopped'),
  ),
  protocol(
    'two offers are made at once',
    doubled(({ type }) => type === 'offered'),
  ),
  protocol(
    'a partial result is lost',
    lost((message) => message.type === 'task' && message.news === 'partial'),
  ),
  replanned('a settled task releases nothing', (task) => ({ ...task, release: [] })),
  chart('a shut gate evicts', 'queue', 'activity.working', 'room.requested', (ways) =>
    ways.map((way) => (way.guard === 'canEvict' ? { ...way, guard: 'hasVictims' } : way)),
  ),
  chart('more slots leave the queue saturated', 'queue', 'activity.saturated', 'limits.changed', staying),
  chart('fewer slots leave the queue working', 'queue', 'activity.working', 'limits.changed', lastOnly),
  chart('an evicted task is not started again', 'task', 'running', 'evict.requested', withoutGuard('isRequeued')),
];
