/**
 * Plain XState: each task is its own machine, created with `createActor`, that invokes the task's function. Slots and
 * dependencies around it are the least that works: in submission order, over plain arrays.
 */
import { assign, createActor, fromPromise, setup, type ActorRefFrom } from 'xstate';
import type { Contestant, Task } from './contestant.js';

interface TaskInput {
  readonly missing: number;
  readonly run: () => Promise<number>;
}

const taskMachine = setup({
  types: {
    context: {} as TaskInput,
    input: {} as TaskInput,
    output: {} as number,
    events: {} as { type: 'dependency.done' } | { type: 'start.granted' },
  },
  actors: { work: fromPromise<number, () => Promise<number>>(({ input }) => input()) },
  guards: { hasAll: ({ context }) => context.missing === 0 },
  actions: { countDown: assign({ missing: ({ context }) => context.missing - 1 }) },
}).createMachine({
  context: ({ input }) => input,
  initial: 'pending',
  states: {
    pending: {
      always: { guard: 'hasAll', target: 'ready' },
      on: { 'dependency.done': { actions: 'countDown' } },
    },
    ready: { on: { 'start.granted': 'running' } },
    running: {
      invoke: { src: 'work', input: ({ context }) => context.run, onDone: { target: 'done' } },
    },
    done: { type: 'final' },
  },
});

/** @internal */
export const withXState: Contestant = {
  name: 'XState alone',
  skip(graph) {
    return graph.name === 'matrix' ? undefined : 'on the matrix pipeline only, because it is slow';
  },
  submit({ graph, concurrency, task }) {
    const values: number[] = [];
    const actors: ActorRefFrom<typeof taskMachine>[] = [];
    const dependents: number[][] = [];
    for (const [index, dependencies] of graph.dependencies.entries()) {
      dependents.push([]);
      for (const dependency of dependencies) dependents[dependency]?.push(index);
      actors.push(actorOf(task(index), dependencies, values, index));
    }
    return () => runAll(actors, dependents, concurrency);
  },
};

function actorOf(fn: Task, dependencies: readonly number[], values: number[], index: number) {
  const run = async (): Promise<number> => {
    const value = await fn(...dependencies.map((dependency) => values[dependency] ?? Number.NaN));
    values[index] = value;
    return value;
  };
  return createActor(taskMachine, { input: { missing: dependencies.length, run } }).start();
}

function runAll(
  actors: readonly ActorRefFrom<typeof taskMachine>[],
  dependents: readonly (readonly number[])[],
  concurrency: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ready: number[] = [];
    let nextReady = 0;
    let running = 0;
    let settled = 0;
    const fill = (): void => {
      for (; running < concurrency && nextReady < ready.length; nextReady += 1) {
        running += 1;
        actors[ready[nextReady] ?? 0]?.send({ type: 'start.granted' });
      }
    };
    const noteReady = (index: number): void => {
      if (actors[index]?.getSnapshot().value === 'ready') ready.push(index);
    };
    for (const [index, actor] of actors.entries()) {
      noteReady(index);
      actor.subscribe({
        error: reject,
        complete() {
          running -= 1;
          settled += 1;
          for (const dependent of dependents[index] ?? []) {
            actors[dependent]?.send({ type: 'dependency.done' });
            noteReady(dependent);
          }
          fill();
          if (settled === actors.length) resolve();
        },
      });
    }
    fill();
  });
}
