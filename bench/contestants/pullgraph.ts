/** pullgraph: a handle passed as an argument is the dependency. */
import { Scheduler, type Handle, type SchedulerOptions } from 'pullgraph';
import type { Contestant } from './contestant.js';

/** pullgraph with options for its scheduler. @internal */
export function pullgraphWith(name: string, options: SchedulerOptions): Contestant {
  return {
    name,
    submit({ graph, concurrency, task }) {
      const scheduler = new Scheduler(options);
      const queue = scheduler.queue('bench', { concurrency });
      const handles: Handle<number>[] = [];
      const handle = (index: number): Handle<number> => at(handles, index);
      for (const [index, dependencies] of graph.dependencies.entries()) {
        handles.push(queue.submit(task(index), ...dependencies.map(handle)));
      }
      return async () => {
        scheduler.start();
        await scheduler.wait();
        await scheduler.close();
        const last = handles.at(-1);
        if (last !== undefined && last.state !== 'done') throw new Error(`the last task is ${last.state}`);
      };
    },
  };
}

/** @internal */
export const pullgraph: Contestant = pullgraphWith('pullgraph', {});

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`no task ${index}`);
  return found;
}
