/** The part of a task's record that only some submissions need. */
import { expect, onTestFinished, test } from 'vitest';
import { Handle, type Queue, Scheduler, type SubmitOptions } from '../../src/index.js';

const work = (): number => 1;

/** A queue, and what the record of a task that is submitted to it with these options has beside the rest. */
function submitting() {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const queue = scheduler.queue('q', { resources: { ram: 1 }, rateByKey: { limit: 1, intervalMs: 1 } });
  const extras = (options: SubmitOptions) => Handle._target(queue.submit(options, work)).record.extras;
  return { scheduler, queue, extras };
}

test.each<[string, (queue: Queue) => SubmitOptions]>([
  ['nothing', () => ({})],
  ['a priority, resources and a rateKey', () => ({ priority: 1, resources: { ram: 1 }, rateKey: 'host' })],
  ['what comes after', (queue) => ({ after: [queue.submit(work)] })],
  ['nothing to release', () => ({ release: [], hold: false })],
])('is not there with options that say %s', (_, optionsOf) => {
  const { queue, extras } = submitting();
  expect(extras(optionsOf(queue))).toBeUndefined();
});

test.each<[keyof SubmitOptions, unknown]>([
  ['id', 'a'],
  ['kind', 'fetch'],
  ['hold', true],
  ['timeoutMs', 5],
  ['onSettled', () => undefined],
  ['retry', { attempts: 2 }],
  ['trace', { traceparent: 'of the caller' }],
])('is there with %s alone', (name, value) => {
  const { extras } = submitting();
  expect(extras({ [name]: value })).toMatchObject({ [name]: value });
});

test('is there with a release, a group or a signal alone', () => {
  const { scheduler, queue, extras } = submitting();
  const held = queue.submit({ hold: true }, work);
  expect(extras({ release: [held] })?.release).toEqual([Handle._target(held).record]);
  expect(extras({ group: scheduler.group() })?.group).toBeDefined();
  expect(extras({ signal: new AbortController().signal })?.unlisten).toBeTypeOf('function');
});

test('has a trace of its own, or none', () => {
  const { extras } = submitting();
  const trace = { traceparent: 'of the caller' };
  expect(extras({ trace })?.trace).not.toBe(trace);
  expect(extras({ id: 'a' })).toMatchObject({ id: 'a', trace: undefined });
});
