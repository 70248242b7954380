/** For any graph, a run that is cut anywhere and resumed, as often as you like, gives what an uncut one gives. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { type Handle, type Outcome, outcomeKind, Scheduler } from '../../src/index.js';
import type { Store } from '../../src/core/store-port.js';
import { MemoryBacking } from '../../src/store/memory-store.js';
import { Session } from '../../src/store/session.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

interface Task {
  /** Positions of earlier tasks, each once. */
  readonly needs: readonly number[];
  readonly isKept: boolean;
  /** `stream` yields some results; `once` has `onInterrupted: 'fail'`; `failing` fails. */
  readonly kind: 'plain' | 'stream' | 'once' | 'failing';
}

const graphs: fc.Arbitrary<readonly Task[]> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      isKept: fc.boolean(),
      kind: fc.constantFrom('plain', 'plain', 'plain', 'stream', 'once', 'failing'),
    } as const),
    { minLength: 1, maxLength: 9 },
  )
  .map((drawn) =>
    drawn.map((task, position) => ({ ...task, needs: [...new Set(task.needs.filter((need) => need < position))] })),
  );

/** A life ends behind so many events, and flushes behind so many. */
interface Cut {
  readonly events: number;
  readonly flushes: number;
  readonly durability: 'batch' | 'each';
}

const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({
    events: fc.nat({ max: 40 }),
    flushes: fc.nat({ max: 40 }),
    durability: fc.constantFrom('batch', 'each'),
  }),
  { minLength: 1, maxLength: 4 },
);

/** A store in memory; of what a life hands over, only what was committed before its end is there afterwards. */
class MortalStore implements Store {
  readonly name = 'mortal';
  readonly #backing = new MemoryBacking();
  #life = 0;

  die(): void {
    this.#life += 1;
  }

  _open(setup: Parameters<Store['_open']>[0]): Session {
    const [backing, life] = [this.#backing, this.#life];
    const mortal = {
      id: backing.id,
      durations: () => backing.durations(),
      record: (key: string) => backing.record(key),
      value: (key: string) => backing.value(key),
      partials: (key: string, recipe: string) => backing.partials(key, recipe),
      write: (changes: Parameters<MemoryBacking['write']>[0]) => {
        if (life === this.#life) backing.write(changes);
      },
      close: () => undefined,
    };
    return new Session(mortal, setup, () => undefined);
  }
}

/** Positions of the tasks whose function was called in the present life. */
let started: number[] = [];

function compute(position: number, inputs: readonly unknown[]): number {
  started.push(position);
  return inputs.flat().reduce<number>((sum, input) => (3 * sum + Number(input)) % 1_000_003, position);
}

function* computeAll(position: number, inputs: readonly unknown[]): Generator<number> {
  const first = compute(position, inputs);
  for (let n = 0; n < 3; n += 1) yield first + n;
}

function refuse(position: number, _inputs: readonly unknown[]): never {
  started.push(position);
  throw new RangeError(`task ${position} fails`);
}

interface Life {
  readonly outcomes: readonly Outcome[];
  readonly started: readonly number[];
  /** Positions of the tasks whose end is safe in the store. */
  readonly safe: ReadonlySet<number>;
}

async function live(graph: readonly Task[], store: MortalStore, cut: Cut): Promise<Life> {
  started = [];
  const scheduler = new Scheduler({ store, durability: cut.durability, onStoreError: 'stop' });
  const queue = scheduler.queue('q', { concurrency: 2 });
  const settled = new Set<number>();
  let safe = new Set<number>();
  let events = 0;
  let atEnd: (() => void) | undefined;
  let isAlive = true;
  let ran = started;
  const cutOff = new Promise<void>((resolve) => (atEnd = resolve));
  const seen = (): void => {
    if (!isAlive) return;
    events += 1;
    if (events === cut.flushes) void scheduler.flush();
    // A flush commits at once.
    if (events === cut.flushes || cut.durability === 'each') safe = new Set(settled);
    if (events < cut.events) return;
    isAlive = false;
    ran = [...started];
    store.die();
    atEnd?.();
  };
  scheduler.on('settled', ({ id, outcome }) => {
    if (outcome.status === 'done') settled.add(Number(id));
    seen();
  });
  scheduler.on('task', seen);
  scheduler.on('partial', seen);
  const handles: Handle<unknown>[] = [];
  for (const [position, { needs, isKept, kind }] of graph.entries()) {
    const options = {
      id: String(position),
      version: 1,
      ...(isKept ? { key: `k${position}` } : {}),
      ...(kind === 'once' ? { onInterrupted: 'fail' as const } : {}),
    };
    const inputs = needs.map((need) => handles[need]);
    if (kind === 'stream') handles.push(queue.stream(options, computeAll, position, inputs));
    else handles.push(queue.submit(options, kind === 'failing' ? refuse : compute, position, inputs));
  }
  scheduler.start();
  const outcomes = Promise.all(handles.map((handle) => handle.settled()));
  await Promise.race([outcomes, cutOff]);
  const isCut = !isAlive;
  store.die();
  await scheduler.terminate();
  return { outcomes: isCut ? [] : await outcomes, started: isCut ? ran : started, safe };
}

/** Comparable: which of several dependencies fails first is a matter of order. */
function plain(outcome: Outcome): unknown {
  if (outcome.status === 'done') return outcome.result;
  const kind = outcomeKind(outcome);
  return outcome.status === 'failed' && kind === 'failed' ? String(outcome.error) : kind;
}

const NEVER = Number.POSITIVE_INFINITY;

property([graphs, cuts], { numRuns: scaledRuns(80) })(
  'a run that is cut anywhere and resumed gives what an uncut one gives, and repeats nothing that is safe',
  async (graph, lives) => {
    const uncut: Cut = { events: NEVER, flushes: NEVER, durability: 'batch' };
    const expected = (await live(graph, new MortalStore(), uncut)).outcomes.map(plain);
    const store = new MortalStore();
    const safe = new Set<number>();
    const called = new Set<number>();
    let last: Life | undefined;
    for (const cut of [...lives, uncut]) {
      last = await live(graph, store, cut);
      const repeated = last.started.filter((position) => graph[position]?.isKept && safe.has(position));
      expect(repeated).toEqual([]);
      for (const position of last.safe) safe.add(position);
      const once = last.started.filter((position) => graph[position]?.kind === 'once' && graph[position].isKept);
      expect(once.filter((position) => called.has(position))).toEqual([]);
      for (const position of once) called.add(position);
    }
    const failed = new Set<number>();
    for (const [position, outcome] of (last?.outcomes ?? []).entries()) {
      // Its mark is there before its function is called, so that it may have been cut off in between.
      const isInterrupted = graph[position]?.kind === 'once' && outcomeKind(outcome) === 'interrupted';
      const isDoomed = graph[position]?.needs.some((need) => failed.has(need)) === true;
      if (isInterrupted || isDoomed) failed.add(position);
      else expect(plain(outcome)).toEqual(expected[position]);
    }
  },
);
