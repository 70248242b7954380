/**
 * A fleet of workers in simulated time: a closed network of queues. A task visits the scheduler, Redis and its worker, runs, and comes back by
 * the same way; then its slot takes the next. Scheduler and Redis have one processor each, every worker has one for what the library
 * costs there. Each station serves in order of arrival. The costs are processor time per task as measured, half of it on either way.
 */
import { IndexedHeap } from '../../src/core/order/indexed-heap.js';
import { chance } from '../../src/testing/random.js';

/** Processor time in microseconds. @internal */
export interface FleetCosts {
  /** Per task. */
  readonly schedulerUs: number;
  readonly redisUs: number;
  readonly workerUs: number;
  /** Per worker and second, without any task: heartbeats. */
  readonly schedulerBeatUs: number;
  readonly redisBeatUs: number;
}

/** @internal */
export interface Fleet {
  readonly workers: number;
  readonly slots: number;
  /** How long a task runs; each is drawn from half of that to one and a half times. */
  readonly taskMs: number;
}

/** @internal */
export interface FleetLoad {
  readonly tasksPerSecond: number;
  /** Share of the time in which each was busy, from 0 to 1. */
  readonly scheduler: number;
  readonly redis: number;
  readonly worker: number;
  /** Share of the slots that ran a task. */
  readonly slots: number;
  /** The one that holds back the others: the busiest station, or the slots. */
  readonly bottleneck: 'scheduler' | 'redis' | 'worker' | 'slots';
}

interface Station {
  freeAt: number;
  busy: number;
  /** By how much heartbeats slow it down. */
  readonly slower: number;
}

interface Visit {
  heapIndex: number;
  at: number;
  step: number;
  readonly worker: Station;
}

/** @param beatUs - taken by heartbeats in each second. */
function station(beatUs: number): Station {
  return { freeAt: 0, busy: 0, slower: 1 / (1 - Math.min(0.99, beatUs / 1e6)) };
}

/** Runs until each slot has had `rounds` tasks on average. The first fifth does not count. @internal */
export function simulateFleet({ workers, slots, taskMs }: Fleet, costs: FleetCosts, rounds = 30): FleetLoad {
  const draw = chance(workers * slots, 'fleet');
  const scheduler = station(costs.schedulerBeatUs * workers);
  const redis = station(costs.redisBeatUs * workers);
  const machines = Array.from({ length: workers }, () => station(0));
  const heap = new IndexedHeap<Visit>((a, b) => a.at < b.at);
  // Every worker has a slot filled before any has two.
  for (let slot = 0; slot < slots; slot += 1) {
    for (const worker of machines) heap.push({ heapIndex: -1, at: draw.next(), step: 0, worker });
  }
  const serve = (at: Station, visit: Visit, us: number): void => {
    const service = (us / 2) * at.slower;
    visit.at = Math.max(visit.at, at.freeAt) + service;
    at.freeAt = visit.at;
    at.busy += service;
  };
  const target = rounds * workers * slots;
  let ended = 0;
  let began = 0;
  let endedBefore = 0;
  let ranUs = 0;
  for (let visit = heap.peek(); visit !== undefined && ended < target; visit = heap.peek()) {
    const { step } = visit;
    if (began === 0 && ended >= target / 5) {
      [began, endedBefore, ranUs] = [visit.at, ended, 0];
      for (const each of [scheduler, redis, ...machines]) each.busy = 0;
    }
    if (step === 0 || step === 6) serve(scheduler, visit, costs.schedulerUs);
    else if (step === 1 || step === 5) serve(redis, visit, costs.redisUs);
    else if (step === 2 || step === 4) serve(visit.worker, visit, costs.workerUs);
    else {
      const runUs = taskMs * 1_000 * (0.5 + draw.next());
      visit.at += runUs;
      ranUs += runUs;
    }
    if (step === 6) ended += 1;
    visit.step = (step + 1) % 7;
    heap.moved(visit);
  }
  const spanUs = Math.max(scheduler.freeAt, redis.freeAt) - began;
  const share = (busy: number): number => Math.min(1, busy / spanUs);
  const shares = {
    scheduler: share(scheduler.busy),
    redis: share(redis.busy),
    worker: share(machines.reduce((sum, { busy }) => sum + busy, 0) / workers),
    slots: share(ranUs / (workers * slots)),
  };
  const names = ['scheduler', 'redis', 'worker', 'slots'] as const;
  return {
    tasksPerSecond: ((ended - endedBefore) / spanUs) * 1e6,
    ...shares,
    bottleneck: names.reduce((most, name) => (shares[name] > shares[most] ? name : most)),
  };
}
