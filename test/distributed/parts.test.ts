/** The parts of distributed attempts that need no Redis: order of reports, silence, ids of jobs, taking over, options. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler } from 'pullgraph';
import { distributed, startWorker } from 'pullgraph/distributed';
import { inline } from 'pullgraph/executors';
import { Adoption } from '../../src/distributed/adoption.js';
import { jobIdOf, partsOfJobId } from '../../src/distributed/keys.js';
import type { Report } from '../../src/distributed/messages.js';
import { decodeOrder, decodeReport, readJob, readPresence } from '../../src/distributed/messages.js';
import type { Outbox } from '../../src/distributed/outbox.js';
import type { Payloads } from '../../src/distributed/blobs/payloads.js';
import { RunningAttempt } from '../../src/distributed/running-attempt.js';
import { SentAttempt } from '../../src/distributed/sent-attempt.js';
import { Silence } from '../../src/distributed/silence.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { property } from '../support/property.js';
import { RecordedAttempt } from '../support/recorded-attempt.js';
import { refusalOf } from '../support/refusal.js';

const nothing = (): void => {};

/** The messages of a stream with that many partial results. */
function reports(count: number, making = 0): readonly Report[] {
  const common = { job: 'j', making, worker: 'w' };
  const partials = Array.from({ length: count }, (_, number) => {
    return { ...common, number, kind: 'partial', value: `value ${number}` } as const;
  });
  return [...partials, { ...common, number: count, kind: 'done', value: undefined }];
}

function sent(attempt: RecordedAttempt): SentAttempt {
  return new SentAttempt({ attempt, job: 'j', work: '', name: 'fn', args: '' }, nothing);
}

describe('reports of an attempt', () => {
  const anyArrivals = fc
    .integer({ min: 0, max: 12 })
    .chain((count) =>
      fc
        .tuple(fc.constant(count), fc.array(fc.nat(count), { maxLength: 20 }))
        .chain(([to, again]) =>
          fc.tuple(
            fc.constant(to),
            fc.shuffledSubarray([...Array(to + 1).keys(), ...again], { minLength: to + 1 + again.length }),
          ),
        ),
    );

  property([anyArrivals])('are passed on once and in order, for any order and number of arrivals', ([count, order]) => {
    const attempt = new RecordedAttempt(nothing, [], { stream: true });
    const out = sent(attempt);
    const all = reports(count);
    const ends = order.flatMap((number) => {
      const report = all[number];
      return report === undefined ? [] : (out.take(report) ?? []);
    });
    expect(attempt.partials).toEqual(Array.from({ length: count }, (_, number) => `value ${number}`));
    expect(ends[0]).toMatchObject({ kind: 'done', number: count });
  });

  test('of a job that was made before count for nothing', () => {
    const attempt = new RecordedAttempt(nothing, [], { stream: true });
    const out = sent(attempt);
    out.making = 1;
    for (const report of reports(2)) expect(out.take(report)).toBeUndefined();
    expect(reports(2, 1).map((report) => out.take(report) !== undefined)).toEqual([false, false, true]);
    expect(attempt.partials).toEqual(['value 0', 'value 1']);
  });

  test.each([
    [0, 0],
    [3, 2],
    [3, 3],
  ])('are taken over after %i that are kept from number %i on', (deliveredBefore, first) => {
    const attempt = Object.assign(new RecordedAttempt(nothing, [], { stream: true }), { deliveredBefore });
    const out = sent(attempt);
    out.isAdopted = true;
    const ends = reports(5)
      .slice(first)
      .map((report) => out.take(report));
    expect(ends.at(-1)).toMatchObject({ kind: 'done' });
    // What is not new is counted by the scheduler, which has it.
    const values = Array.from({ length: 5 }, (_, number) => (number < first ? undefined : `value ${number}`));
    expect(attempt.partials).toEqual(values);
  });

  test('are not taken over where one is missing', () => {
    const attempt = Object.assign(new RecordedAttempt(nothing, [], { stream: true }), { deliveredBefore: 2 });
    const out = sent(attempt);
    out.isAdopted = true;
    expect(out.take(reports(5)[3] as Report)).toBe('gap');
    expect(attempt.partials).toEqual([]);
  });
});

describe('silence', () => {
  test('is counted in rounds without a new beat, whether listed or not', () => {
    const silence = new Silence(3);
    silence.look(new Map([['a', { beat: 1 }]]));
    expect(silence.roundsOf('a')).toBe(0);
    silence.look(new Map([['a', { beat: 1 }]]));
    silence.look(new Map());
    expect(silence.roundsOf('a')).toBe(2);
    silence.look(new Map([['a', { beat: 2 }]]));
    expect(silence.roundsOf('a')).toBe(0);
    expect(silence.lastOf('a')).toEqual({ beat: 2 });
  });

  test('begins when somebody asks, for one that was never seen, and is forgotten in the end', () => {
    const silence = new Silence(3);
    expect(silence.roundsOf('a')).toBe(0);
    for (let round = 1; round <= 3; round += 1) {
      silence.look(new Map());
      expect(silence.roundsOf('a')).toBe(round);
    }
    silence.look(new Map());
    expect(silence.roundsOf('a')).toBe(0);
  });
});

describe('ids of jobs', () => {
  const anyId = fc.record({ attempt: fc.integer({ min: 1 }), task: fc.string({ unit: 'binary', minLength: 1 }) });

  property([anyId, anyId])('tell attempts apart and are legal, for any ids of tasks', (one, other) => {
    const ids = [one, other].map((parts) => jobIdOf({ run: 'r', work: 'w', serial: 's', ...parts }));
    expect(ids[0] === ids[1]).toBe(one.task === other.task && one.attempt === other.attempt);
    expect(ids.join('')).not.toContain(':');
    expect(ids.map((id) => partsOfJobId(id)?.attempt)).toEqual([one.attempt, other.attempt]);
  });
});

describe('what an earlier scheduler has left', () => {
  const job = (work: string, attempt: number, life = 'old'): string =>
    jobIdOf({ run: 'r', work, serial: `${life}-1`, attempt, task: 't' });

  test('is taken over once, the last attempt at each work with its reports', () => {
    const adoption = new Adoption('new');
    adoption.found(job('work', 1));
    adoption.found(job('work', 2));
    adoption.found(job('', 1));
    const report = { ...(reports(0)[0] as Report), job: job('work', 2) };
    adoption.reported(report);
    expect(adoption.claim('other')).toBeUndefined();
    expect(adoption.claim('work')).toMatchObject({ job: job('work', 2), reports: [report] });
    // A job that was taken over and lost may still report.
    adoption.reported(report);
    expect(adoption.claim('work')).toBeUndefined();
    expect(adoption.claim('')).toBeUndefined();
  });

  test('does not include jobs of this scheduler, which lost workers may still report', () => {
    const adoption = new Adoption('new');
    adoption.reported({ ...(reports(0)[0] as Report), job: job('work', 1, 'new') });
    expect(adoption.claim('work')).toBeUndefined();
  });
});

describe('what is read from Redis', () => {
  property([fc.uint8Array(), fc.jsonValue()])(
    'is refused where it is nothing of ours, for any value',
    (bytes, value) => {
      for (const decode of [decodeReport, decodeOrder]) expect(() => decode(bytes)).not.toThrow();
      expect(readJob(value)).toBeUndefined();
      expect(readPresence(JSON.stringify(value))).toBeUndefined();
    },
  );
});

describe('the options of distributed workers', () => {
  const secret = 'open-sesame';
  const module = 'file:///kernels.js';

  test.each<[string, object, string]>([
    ['a connection that is none', { connection: `http://:${secret}@host` }, 'redis:// or rediss://'],
    ['a misspelt option', { connection: {}, leaseMS: 1 }, 'leaseMs'],
    ['a misspelt part of the address', { connection: { pasword: secret } }, 'password'],
    ['a name with a colon', { connection: {}, name: 'a:b' }, 'without a colon'],
    ['a lease shorter than a beat', { connection: {}, leaseMs: 1 }, 'leaseMs'],
  ])('refuse %s, and tell no secret', (_, options, part) => {
    const error = refusalOf(() => distributed(module, options as { connection: string }));
    expect(error.code).toBe('InvalidOption');
    expect(error.message).toContain(part);
    expect(error.message).not.toContain(secret);
  });

  test('refuse a queue as many slots as workers have, where its executor has no such workers', () => {
    const error = refusalOf(() => new Scheduler().queue('q', { concurrency: 'workers', executor: inline() }));
    expect([error.code, error.queue]).toEqual(['InvalidOption', 'q']);
  });

  test('refuse a worker that is taken for dead between two beats', async () => {
    const started = startWorker(module, { connection: {}, beatMs: 1_000, expireMs: 1_500 });
    await expect(started).rejects.toMatchObject({ code: 'InvalidOption' });
  });
});

describe('an attempt in a worker', () => {
  function running(): { readonly attempt: RunningAttempt; readonly executor: ManualExecutor } {
    const data = readJob({
      protocol: 1,
      module: '',
      run: 'r',
      making: 0,
      id: 't',
      queue: 'q',
      attempt: 1,
      window: 0,
      args: '',
    });
    if (data === undefined) throw new Error('expected the data of a job');
    const executor = new ManualExecutor();
    const attempt = new RunningAttempt('j', data, nothing, executor, 'w', {} as Outbox, {} as Payloads);
    return { attempt, executor };
  }

  test('that is aborted before its function asks for the signal has one that is aborted', () => {
    const { attempt, executor } = running();
    expect(() => attempt.throwIfAborted()).not.toThrow();
    const reason = new RangeError('enough');
    attempt.abort(reason, 5);
    attempt.abort('later', 5);
    expect([attempt.signal.aborted, attempt.signal.reason]).toEqual([true, reason]);
    expect(() => attempt.throwIfAborted()).toThrow(reason);
    expect(executor.graces.get('t')).toBe(5);
  });

  test('that is aborted afterwards aborts the signal that its function has', () => {
    const { attempt } = running();
    const { signal } = attempt;
    expect(signal.aborted).toBe(false);
    attempt.abort('enough', undefined);
    expect([signal.aborted, signal.reason, attempt.signal === signal]).toEqual([true, 'enough', true]);
  });
});
