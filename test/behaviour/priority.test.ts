/** Priority: before demand order, and inherited by what an urgent task needs. */
import { describe, expect, test } from 'vitest';
import type { Handle, Queue, SubmitOptions } from '../../src/index.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';

const nothing = (): void => undefined;

function submitTo(queue: Queue): (id: string, options?: SubmitOptions) => Handle<void> {
  return (id, options = {}) => queue.submit({ id, ...options }, nothing);
}

/** Ends what runs, one after the other, until nothing runs any more; returns the order of the starts. */
async function runOut({ scheduler, executor, started }: ReturnType<typeof manualQueue>): Promise<string[]> {
  scheduler.start();
  await quiet();
  for (let next = 0; next < executor.started.length; next += 1) {
    executor.started[next]?.done(undefined);
    await quiet();
  }
  return started();
}

describe('priority', () => {
  test('comes before demand order', async () => {
    const manual = manualQueue();
    const submit = submitTo(manual.queue);
    submit('high', { priority: 1 });
    submit('low', { priority: -1 });
    submit('older');
    submit('newer', { priority: 0 });
    submit('highest', { priority: 5 });
    expect(await runOut(manual)).toEqual(['highest', 'high', 'newer', 'older', 'low']);
  });

  test('is inherited by what an urgent task needs, however far up', async () => {
    const manual = manualQueue();
    const submit = submitTo(manual.queue);
    const far = submit('far');
    const near = submit('near', { after: [far] });
    submit('newer');
    submit('urgent', { after: [near], priority: 1 });
    submit('newest');
    expect(await runOut(manual)).toEqual(['far', 'near', 'urgent', 'newest', 'newer']);
  });

  test('of a dependency is not lowered by what needs it', async () => {
    const manual = manualQueue();
    const submit = submitTo(manual.queue);
    const urgent = submit('urgent', { priority: 2 });
    submit('other', { priority: 1 });
    submit('lazy', { after: [urgent], priority: -1 });
    submit('plain');
    expect(await runOut(manual)).toEqual(['urgent', 'other', 'plain', 'lazy']);
  });

  test('counts for tasks that come while others run', async () => {
    const manual = manualQueue();
    const { scheduler, queue, executor, started } = manual;
    const submit = submitTo(queue);
    const dependency = submit('dependency');
    submit('plain');
    submit('running');
    scheduler.start();
    await quiet();
    submit('newest');
    submit('urgent', { after: [dependency], priority: 1 });
    expect(await runOut(manual)).toEqual(['running', 'dependency', 'urgent', 'newest', 'plain']);
    expect(started()).toHaveLength(executor.started.length);
  });

  test('is given up with the urgent task when that is cancelled', async () => {
    const manual = manualQueue();
    const submit = submitTo(manual.queue);
    const dependency = submit('dependency');
    submit('newer');
    submit('urgent', { after: [dependency], priority: 1 }).cancel();
    expect(await runOut(manual)).toEqual(['newer', 'dependency']);
  });

  test('orders starts across queues', async () => {
    const manual = manualQueue();
    const second = manual.scheduler.queue('second', { concurrency: 1, executor: manual.executor });
    submitTo(manual.queue)('first of q', { priority: 1 });
    submitTo(second)('first of second', { priority: 2 });
    submitTo(manual.queue)('second of q');
    manual.scheduler.start();
    await quiet();
    expect(manual.started()).toEqual(['first of second', 'first of q']);
  });
});
