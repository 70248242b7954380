/**
 * Parses and validates scenarios. A scenario is plain data: queues, tasks with durations in whole units of time, times of stop and
 * resume, and optionally the expected trace.
 */
import { SchedulerError, shown } from '../core/failures.js';
import { SCHEDULER_ORDERS, type SchedulerOrder } from '../core/order/task-order.js';
import {
  readAmounts,
  readArray,
  readBoolean,
  readInteger,
  readRecord,
  readString,
  readStrings,
} from './scenario-fields.js';
import { checkQueues, checkReferences } from './scenario-references.js';
import type { Scenario, ScenarioControl, ScenarioQueue, ScenarioRate, ScenarioTask } from './scenario-shape.js';
import { parseTrace } from './trace.js';

export type {
  Scenario,
  ScenarioQueue,
  ScenarioTask,
  Simulation,
} from './scenario-shape.js';
export type { TraceEvent } from './trace.js';

/**
 * Validates `value` and returns it as a scenario: a copy with tasks in submission order (by `submitAt`, then as listed) and control in
 * time order. Unknown fields are dropped.
 *
 * @throws SchedulerError `InvalidArgument` for a field of the wrong type or an unknown queue, `DuplicateQueue`,
 * `DuplicateTask`, `UnknownResource`, `DemandOverCapacity`, `DependencyCycle`, `UnknownDependency` for a reference to a task
 * that does not exist or comes later, `PartialOutOfRange`, `NotHeld` for the release of a task that does not hold.
 * @public
 */
export function parseScenario(value: unknown): Scenario {
  const fields = readRecord(value, 'scenario');
  const queues = readArray(fields['queues'], 'queues').map(parseQueue);
  const tasks = readArray(fields['tasks'], 'tasks').map(parseTask);
  const control =
    fields['control'] === undefined ? undefined : readArray(fields['control'], 'control').map(parseControl);
  const scenario: Scenario = {
    ...(fields['name'] === undefined ? {} : { name: readString(fields['name'], 'name') }),
    ...(fields['order'] === undefined ? {} : { order: readSchedulerOrder(fields['order']) }),
    queues,
    tasks: tasks.toSorted((a, b) => (a.submitAt ?? 0) - (b.submitAt ?? 0)),
    ...(control === undefined ? {} : { control: control.toSorted((a, b) => a.at - b.at) }),
    ...(fields['trace'] === undefined ? {} : { trace: parseTrace(fields['trace']) }),
    ...(fields['stalled'] === undefined ? {} : { stalled: readStrings(fields['stalled'], 'stalled') }),
  };
  checkQueues(scenario);
  checkReferences(scenario);
  return scenario;
}

function readSchedulerOrder(value: unknown): SchedulerOrder {
  const order = SCHEDULER_ORDERS.find((known) => known === value);
  if (order === undefined) throw invalid(`order: expected one of ${SCHEDULER_ORDERS.join(', ')}, got ${shown(value)}`);
  return order;
}

function parseQueue(value: unknown, place: number): ScenarioQueue {
  const at = `queues[${place}]`;
  const fields = readRecord(value, at);
  return {
    name: readString(fields['name'], `${at}.name`),
    concurrency: readInteger(fields['concurrency'], `${at}.concurrency`, 1),
    ...parseOrder(fields['order'], `${at}.order`),
    ...(fields['resources'] === undefined ? {} : { resources: readAmounts(fields['resources'], `${at}.resources`) }),
    ...(fields['rate'] === undefined ? {} : { rate: parseRate(fields['rate'], `${at}.rate`) }),
    ...(fields['rateByKey'] === undefined ? {} : { rateByKey: parseRate(fields['rateByKey'], `${at}.rateByKey`) }),
    ...parsePreemption(fields, at),
  };
}

function parsePreemption(
  fields: Readonly<Record<string, unknown>>,
  at: string,
): Pick<ScenarioQueue, 'preempt' | 'onEvict'> {
  const { preempt, onEvict } = fields;
  const given = preempt === undefined ? {} : { preempt: readBoolean(preempt, `${at}.preempt`) };
  if (onEvict === undefined) return given;
  if (onEvict !== 'requeue' && onEvict !== 'drop')
    throw invalid(`${at}.onEvict: expected "requeue" or "drop", got ${shown(onEvict)}`);
  if (given.preempt !== true) throw invalid(`${at}.onEvict is for queues with preempt: true`);
  return { ...given, onEvict };
}

function parseRate(value: unknown, at: string): ScenarioRate {
  const fields = readRecord(value, at);
  const limit = readInteger(fields['limit'], `${at}.limit`, 1);
  const interval = readInteger(fields['interval'], `${at}.interval`, 1);
  if (interval % limit !== 0) throw invalid(`${at}.interval: expected a multiple of limit ${limit}, got ${interval}`);
  const burst = fields['burst'] === undefined ? {} : { burst: readInteger(fields['burst'], `${at}.burst`, 1) };
  return { limit, interval, ...burst };
}

function parseOrder(order: unknown, at: string): Pick<ScenarioQueue, 'order'> {
  if (order === undefined) return {};
  if (order !== 'newest' && order !== 'fifo') throw invalid(`${at}: expected "newest" or "fifo", got ${shown(order)}`);
  return { order };
}

function parseTask(value: unknown, place: number): ScenarioTask {
  const fields = readRecord(value, `tasks[${place}]`);
  const id = readString(fields['id'], `tasks[${place}].id`);
  const at = `tasks[${place}] (${id})`;
  if (id.includes('#')) throw invalid(`${at}: an id must not contain "#", which marks a partial result`);
  const duration = readInteger(fields['duration'], `${at}.duration`, 0);
  return {
    id,
    queue: readString(fields['queue'], `${at}.queue`),
    deps: readStrings(fields['deps'], `${at}.deps`),
    duration,
    ...(fields['resources'] === undefined ? {} : { resources: readAmounts(fields['resources'], `${at}.resources`) }),
    ...parsePartials(fields, at, duration),
    ...(fields['hold'] === undefined ? {} : { hold: readBoolean(fields['hold'], `${at}.hold`) }),
    ...(fields['release'] === undefined ? {} : { release: readStrings(fields['release'], `${at}.release`) }),
    ...(fields['after'] === undefined ? {} : { after: readStrings(fields['after'], `${at}.after`) }),
    ...(fields['follows'] === undefined ? {} : { follows: readString(fields['follows'], `${at}.follows`) }),
    ...(fields['submitAt'] === undefined ? {} : { submitAt: readInteger(fields['submitAt'], `${at}.submitAt`, 0) }),
    ...(fields['priority'] === undefined ? {} : { priority: readInteger(fields['priority'], `${at}.priority`) }),
    ...(fields['timeout'] === undefined ? {} : { timeout: readInteger(fields['timeout'], `${at}.timeout`, 1) }),
    ...(fields['attempts'] === undefined ? {} : { attempts: readInteger(fields['attempts'], `${at}.attempts`, 1) }),
    ...(fields['backoff'] === undefined ? {} : { backoff: readInteger(fields['backoff'], `${at}.backoff`, 0) }),
    ...(fields['rateKey'] === undefined ? {} : { rateKey: readString(fields['rateKey'], `${at}.rateKey`) }),
  };
}

function parsePartials(
  fields: Readonly<Record<string, unknown>>,
  at: string,
  duration: number,
): Pick<ScenarioTask, 'partials' | 'partialAt'> {
  const partials = fields['partials'] === undefined ? 0 : readInteger(fields['partials'], `${at}.partials`, 0);
  const times = fields['partialAt'] === undefined ? [] : readArray(fields['partialAt'], `${at}.partialAt`);
  if (times.length !== partials) {
    throw invalid(
      `${at}: expected partialAt to have ${partials} entries, one for each partial result, got ${times.length}`,
    );
  }
  let earliest = 0;
  const partialAt = times.map((time, index) => {
    const offset = readInteger(time, `${at}.partialAt[${index}]`, earliest);
    if (offset > duration) {
      throw invalid(`${at}: partial result ${index} comes at ${offset}, after the end at ${duration}`);
    }
    earliest = offset;
    return offset;
  });
  return fields['partials'] === undefined && fields['partialAt'] === undefined ? {} : { partials, partialAt };
}

function parseControl(value: unknown, place: number): ScenarioControl {
  const at = `control[${place}]`;
  const fields = readRecord(value, at);
  const action = fields['do'];
  if (action !== 'stop' && action !== 'resume') {
    throw invalid(`${at}.do: expected "stop" or "resume", got ${shown(action)}`);
  }
  return { at: readInteger(fields['at'], `${at}.at`, 0), do: action };
}

function invalid(message: string): SchedulerError {
  return new SchedulerError('InvalidArgument', message);
}
