import { afterEach, describe, expect, test } from 'vitest';
import type { JobOutcome } from '../../src/bus/index.js';
import { AskedJobs } from '../../src/cli/asked-jobs.js';
import { cleanUp, newBus, newProducer, newScheduler } from './bus-kit.js';

afterEach(cleanUp);

async function askedAtABus(most: number) {
  const bus = await newBus();
  const producer = newProducer(bus.url);
  newScheduler(bus.url, { add: (a: number, b: number) => a + b });
  const outcomes: JobOutcome[] = [];
  let atOnce = 0;
  const jobs = new AskedJobs({
    most,
    request: () => {
      const job = producer.request({ task: 'add', args: [1, outcomes.length] });
      atOnce = Math.max(atOnce, producer.unsettled);
      return job;
    },
    ended: (_, outcome) => outcomes.push(outcome),
  });
  return { jobs, outcomes, producer, atOnce: () => atOnce };
}

describe('jobs beyond the bound of those that have not ended', () => {
  test('are asked for as soon as there is room', async () => {
    const { jobs, outcomes, atOnce } = await askedAtABus(2);
    for (let n = 0; n < 9; n += 1) jobs.ask();
    await jobs.settled();
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 'done'));
    expect([atOnce(), jobs.failures]).toEqual([2, 0]);
  });

  test('are not asked for after the end', async () => {
    const { jobs, outcomes, producer } = await askedAtABus(2);
    for (let n = 0; n < 9; n += 1) jobs.ask();
    jobs.stop();
    producer.close();
    await jobs.settled();
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed']);
    expect(jobs.failures).toBe(2);
  });
});
