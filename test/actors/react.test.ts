/** The actors in a user interface: the hooks of the real @xstate/react. */
import { useSelector } from '@xstate/react';
import { act, createElement } from 'react';
import { create } from 'react-test-renderer';
import { expect, test } from 'vitest';
import { type Interpreter, type Queue, Scheduler, type TaskActorRef } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { settleDown } from '../support/scheduler-comparison.js';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);

test.each<Interpreter>(['compiled', 'xstate'])(
  'useSelector renders each change of a task and of its queue, with the interpreter %s',
  async (interpreter) => {
    const executor = new ManualExecutor();
    await using scheduler = new Scheduler({ interpreter });
    const queue = scheduler.queue('q', { executor });
    const handle = queue.submit({ id: 'a' }, () => 1);
    const renders: string[] = [];
    function Shown({ task, of }: { readonly task: TaskActorRef; readonly of: Queue['actor'] }): string {
      const state = useSelector(task, ({ value }) => JSON.stringify(value));
      const taken = useSelector(of, ({ context }) => context.ledger.slotsTaken);
      renders.push(`${state} ${taken}`);
      return `${state} ${taken}`;
    }
    let root: ReturnType<typeof create> | undefined;
    await act(async () => {
      root = create(createElement(Shown, { task: handle.actor, of: queue.actor }));
      await settleDown();
    });
    await act(async () => {
      scheduler.start();
      await settleDown();
    });
    await act(async () => {
      executor.attemptAt('a').done(7);
      await settleDown();
    });
    expect([...new Set(renders)]).toEqual(['"ready" 0', '"running" 1', '"done" 0']);
    expect(root?.toJSON()).toBe('"done" 0');
  },
);
