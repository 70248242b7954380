import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OVERDUE_MS } from '../../src/bus/server/job-deadlines.js';
import { JobLedger } from '../../src/bus/server/job-ledger.js';
import type { JobRequest } from '../../src/bus/server/job-store.js';
import type { LedgerEffect } from '../../src/bus/server/ledger-effects.js';
import { SIMPLE_KIND, TIMED_KIND } from '../../src/bus/protocol/payload.js';
import { ledgerCommands } from './ledger-commands.js';
import { LedgerPlay } from './ledger-play.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

property([ledgerCommands(100)], { numRuns: scaledRuns(200) })(
  'however schedulers come, go and report, a job has one holder at a time and gets one final feedback, and late reports change nothing',
  (commands) => {
    const play = new LedgerPlay();
    fc.modelRun(() => ({ model: {}, real: play }), commands);
    play.finish();
  },
);

const BOUNDS = { maxJobs: 100, maxBytes: 1000, maxLosses: 2, maxOffered: 100_000, startMs: 7 };
const terms = (slots: number, backlog = 0, isSimple = false) => ({
  kinds: new Set([SIMPLE_KIND, TIMED_KIND]),
  slots,
  backlog,
  isSimple,
});
const request = (ref: string, priority = 5, producer = 'p'): JobRequest => ({
  producer,
  isHeard: true,
  ref,
  kind: TIMED_KIND,
  payload: { priority, runtime: 1 },
  bytes: 1,
});
const simple: JobRequest = { ...request('', 1), producer: 'simple', isHeard: false, kind: SIMPLE_KIND };
const offers = (effects: readonly LedgerEffect[]) =>
  effects.flatMap((effect) =>
    effect.effect === 'offer' ? [`${effect.job}.${effect.attempt} to ${effect.scheduler}`] : [],
  );
const events = (effects: readonly LedgerEffect[]) =>
  effects.flatMap((effect) => (effect.effect === 'feedback' ? [effect.feedback.event] : []));

/** Reports that the attempt has been accepted and started. */
function begin(ledger: JobLedger, scheduler: string, job: string, attempt: number): void {
  for (const cmd of ['accept', 'started'] as const) ledger.report(scheduler, { cmd, job, attempt });
}

describe('the job ledger', () => {
  test('offers a job to the scheduler with the most free slots', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('small', terms(1));
    ledger.join('large', terms(3));
    const given = ['a', 'b', 'c', 'd'].flatMap((ref) => offers(ledger.request(request(ref))));
    expect(given).toEqual(['x-1.1 to large', 'x-2.1 to large', 'x-3.1 to small', 'x-4.1 to large']);
  });

  test('keeps jobs while nobody is there, and gives the most urgent first', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    for (const priority of [5, 0, 9, 0]) expect(events(ledger.request(request('', priority)))).toEqual(['queued']);
    expect(offers(ledger.join('s', terms(2, 1)))).toEqual(['x-2.1 to s', 'x-4.1 to s', 'x-1.1 to s']);
  });

  test('offers no more at a time than gets through to a scheduler, and goes on as offers are answered', () => {
    const ledger = new JobLedger({ ...BOUNDS, maxBytes: 10_000, maxOffered: 2_000 }, 'x');
    for (const ref of 'abcde') ledger.request({ ...request(ref), bytes: 1_000 });
    expect(offers(ledger.join('s', terms(5)))).toEqual(['x-1.1 to s', 'x-2.1 to s']);
    expect(offers(ledger.report('s', { cmd: 'accept', job: 'x-1', attempt: 1 }))).toEqual(['x-3.1 to s']);
    expect(offers(ledger.cancel('p', 'x-2'))).toEqual(['x-4.1 to s']);
    ledger.leave('s');
    expect(offers(ledger.join('t', terms(5)))).toEqual(['x-1.2 to t', 'x-3.2 to t']);
  });

  test('rejects a job beyond the number or the bytes that it keeps', () => {
    const ledger = new JobLedger({ ...BOUNDS, maxJobs: 2, maxBytes: 5 }, 'x');
    expect(events(ledger.request({ ...request('a'), bytes: 6 }))).toEqual(['rejected']);
    expect(events(ledger.request(request('b')))).toEqual(['queued']);
    expect(events(ledger.request({ ...request('c'), bytes: 4 }))).toEqual(['queued']);
    expect(events(ledger.request(request('d')))).toEqual(['rejected']);
  });

  test('gives what a lost scheduler had to another, and fails what has lost too many', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('a', terms(1));
    ledger.join('b', terms(1));
    ledger.request(request('job'));
    begin(ledger, 'a', 'x-1', 1);
    const first = ledger.leave('a');
    expect([offers(first), events(first)]).toEqual([['x-1.2 to b'], ['requeued']]);
    begin(ledger, 'b', 'x-1', 2);
    expect(ledger.leave('b')).toMatchObject([{ feedback: { event: 'failed', reason: 'scheduler-lost', attempt: 2 } }]);
    expect(ledger.counts.jobs).toBe(0);
  });

  test('gives a full scheduler a job that is more urgent than all that waits there, and no more such than it has slots', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('s', terms(1, 2));
    for (const ref of ['a', 'b', 'c']) ledger.request(request(ref));
    // Nothing has started: these are its slot and its backlog, and all are to be waited for.
    expect(offers(ledger.request(request('same')))).toEqual([]);
    expect(offers(ledger.request(request('urgent', 1)))).toEqual(['x-5.1 to s']);
    expect(offers(ledger.request(request('most urgent', 0)))).toEqual([]);
    begin(ledger, 's', 'x-5', 1);
    expect(ledger.counts).toMatchObject({ jobs: 6, waiting: 2 });
    const done = { cmd: 'done', job: 'x-5', attempt: 1, partials: 0 } as const;
    expect(offers(ledger.report('s', done))).toEqual(['x-6.1 to s']);
  });

  test('gives a full scheduler the next urgent job as soon as the one before it has started there', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('s', terms(2, 1));
    for (const ref of ['a', 'b', 'c']) ledger.request(request(ref));
    expect(offers(ledger.request(request('urgent', 1)))).toEqual(['x-4.1 to s']);
    expect(offers(ledger.request(request('as urgent', 1)))).toEqual([]);
    ledger.report('s', { cmd: 'accept', job: 'x-4', attempt: 1 });
    expect(offers(ledger.report('s', { cmd: 'started', job: 'x-4', attempt: 1 }))).toEqual(['x-5.1 to s']);
  });

  test('gives a full scheduler nothing when all that it has runs, or it takes nothing more', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('s', terms(1));
    ledger.request(request('a'));
    begin(ledger, 's', 'x-1', 1);
    expect(offers(ledger.request(request('urgent', 0)))).toEqual([]);
    ledger.join('t', terms(1, 1));
    ledger.request(request('b'));
    ledger.setCapacity('t', 0, 0);
    expect(offers(ledger.request(request('urgent too', 0)))).toEqual([]);
  });

  test('prefers a scheduler with room to one that would have to make room', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('roomy', terms(1, 9));
    for (const ref of ['a', 'b', 'c']) ledger.request(request(ref));
    ledger.join('full', terms(1));
    expect(offers(ledger.request(request('d')))).toEqual(['x-4.1 to full']);
    expect(offers(ledger.request(request('urgent', 0)))).toEqual(['x-5.1 to roomy']);
  });

  test('fails no job for the schedulers that were lost before they had started it', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.request(request('poison', 0));
    ledger.request(request('beside'));
    for (const [attempt, scheduler] of ['a', 'b'].entries()) {
      ledger.join(scheduler, terms(1, 1));
      begin(ledger, scheduler, 'x-1', attempt + 1);
      ledger.report(scheduler, { cmd: 'accept', job: 'x-2', attempt: attempt + 1 });
      expect(events(ledger.leave(scheduler))).toEqual([attempt === 0 ? 'requeued' : 'failed', 'requeued']);
    }
    // Started at one after another, it counts only those.
    for (let attempt = 3; attempt < 9; attempt += 1) {
      ledger.join(`s${attempt}`, terms(1));
      expect(events(ledger.leave(`s${attempt}`))).toEqual([]);
    }
    ledger.join('last', terms(1));
    begin(ledger, 'last', 'x-2', 9);
    expect(events(ledger.leave('last'))).toEqual(['requeued']);
    expect(ledger.counts.jobs).toBe(1);
  });

  test('takes a second request of one name for the first as long as that has not ended', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.request(request('name'));
    expect(ledger.request(request('name'))).toMatchObject([{ feedback: { event: 'queued', job: 'x-1' } }]);
    expect(ledger.request(request('name', 5, 'q'))).toMatchObject([{ feedback: { event: 'queued', job: 'x-2' } }]);
    ledger.cancel('p', 'x-1');
    expect(ledger.request(request('name'))).toMatchObject([{ feedback: { event: 'queued', job: 'x-3' } }]);
  });

  test('forgets what waits of a producer that will not come back, and what would wait again', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('s', terms(1));
    for (const ref of ['held', 'waits']) ledger.request(request(ref));
    ledger.request(request('of another', 5, 'q'));
    begin(ledger, 's', 'x-1', 1);
    expect(ledger.abandon('p')).toEqual([]);
    expect(ledger.counts).toMatchObject({ jobs: 2, waiting: 1, bytes: 2 });
    expect(events(ledger.leave('s'))).toEqual(['requeued']);
    expect(ledger.counts).toMatchObject({ jobs: 1, waiting: 1, bytes: 1 });
    expect(offers(ledger.join('t', terms(1)))).toEqual(['x-3.1 to t']);
  });

  test('lets nobody cancel the job of another', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.request(request('name'));
    expect(ledger.cancel('q', 'x-1')).toEqual([]);
    expect(ledger.counts.jobs).toBe(1);
  });

  test('refuses a scheduler that reports of a job before it has accepted it, or accepts it twice', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('s', terms(1));
    ledger.request(request('job'));
    const done = { cmd: 'done', job: 'x-1', attempt: 1, partials: 0 } as const;
    expect(ledger.report('s', done)).toMatchObject([{ effect: 'refuse', scheduler: 's' }]);
    ledger.report('s', { cmd: 'accept', job: 'x-1', attempt: 1 });
    expect(ledger.report('s', { cmd: 'accept', job: 'x-1', attempt: 1 })).toMatchObject([{ effect: 'refuse' }]);
  });

  test('deals simple jobs out in turn to simple schedulers, also to one that comes later', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    const receivers = (count: number) =>
      Array.from({ length: count }, () => ledger.request(simple)).map(([effect]) =>
        effect?.effect === 'hand-over' ? effect.scheduler : undefined,
      );
    ledger.join('a', terms(0, 0, true));
    ledger.join('b', terms(0, 0, true));
    expect(receivers(4)).toEqual(['a', 'b', 'a', 'b']);
    ledger.join('c', terms(0, 0, true));
    expect(new Set(receivers(3))).toEqual(new Set(['a', 'b', 'c']));
    expect(ledger.counts.jobs).toBe(0);
  });

  test('leaves others room when one producer asks for all of it', () => {
    const ledger = new JobLedger({ ...BOUNDS, maxJobs: 8, maxBytes: 100 }, 'x');
    const askAll = (producer: string, bytes: number) =>
      Array.from({ length: 8 }, () => events(ledger.request({ ...request('', 5, producer), bytes }))[0]).filter(
        (event) => event === 'queued',
      ).length;
    expect([askAll('p', 1), askAll('q', 1), askAll('r', 1)]).toEqual([5, 2, 1]);
    const heavy = new JobLedger({ ...BOUNDS, maxJobs: 100, maxBytes: 100 }, 'x');
    for (let n = 0; n < 8; n += 1) heavy.request({ ...request(''), bytes: 20 });
    expect(heavy.counts.bytes).toBe(60);
    expect(events(heavy.request({ ...request('', 5, 'q'), bytes: 40 }))).toEqual(['queued']);
  });

  test('ends an attempt that runs longer than it may, whatever its scheduler says, and none without such a time', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('s', terms(2));
    ledger.request({ ...request('limited'), payload: { priority: 5, runtime: 1, timeoutMs: 500 } });
    ledger.request(request('endless'));
    ledger.report('s', { cmd: 'accept', job: 'x-1', attempt: 1 });
    expect(ledger.report('s', { cmd: 'started', job: 'x-1', attempt: 1 })).toContainEqual({
      effect: 'set-deadline',
      job: 'x-1',
      afterMs: 500 + OVERDUE_MS,
    });
    expect(ledger.overdue('x-1')).toMatchObject([
      { effect: 'withdraw', job: 'x-1' },
      { feedback: { event: 'failed', reason: 'timed-out', job: 'x-1' } },
    ]);
    ledger.report('s', { cmd: 'accept', job: 'x-2', attempt: 1 });
    expect(ledger.report('s', { cmd: 'started', job: 'x-2', attempt: 1 })).toContainEqual({
      effect: 'clear-deadline',
      job: 'x-2',
    });
    expect(ledger.overdue('x-1')).toEqual([]);
  });

  test('gives a job that its scheduler does not start to one that is idle, and prefers others to that scheduler', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('black hole', terms(10_000, 100_000));
    ledger.request(request('a'));
    ledger.report('black hole', { cmd: 'accept', job: 'x-1', attempt: 1 });
    expect(ledger.overdue('x-1')).toEqual([{ effect: 'set-deadline', job: 'x-1', afterMs: 7 }]);
    ledger.join('honest', terms(2, 2));
    const moved = ledger.overdue('x-1');
    expect(moved).toMatchObject([{ effect: 'withdraw', scheduler: 'black hole', attempt: 1 }, {}, {}]);
    expect([events(moved), offers(moved)]).toEqual([['requeued'], ['x-1.2 to honest']]);
    const next = ['b', 'c', 'd', 'e'].flatMap((ref) => offers(ledger.request(request(ref))));
    expect(next).toEqual(['x-2.1 to honest', 'x-3.1 to honest', 'x-4.1 to honest', 'x-5.1 to black hole']);
    begin(ledger, 'black hole', 'x-5', 1);
    expect(offers(ledger.request(request('f')))).toEqual(['x-6.1 to black hole']);
  });

  test('gives a timed job of version 2 to a simple scheduler only while nobody else could run it, and says so', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('simple', terms(0, 0, true));
    ledger.join('full', terms(1));
    expect(offers(ledger.request(request('a')))).toEqual(['x-1.1 to full']);
    expect(events(ledger.request(request('b')))).toEqual(['queued']);
    const left = ledger.leave('full');
    expect(left.filter(({ effect }) => effect === 'hand-over')).toHaveLength(2);
    expect(events(left)).toEqual(['handed-over', 'handed-over']);
    expect(events(ledger.request(request('c')))).toEqual(['queued', 'handed-over']);
    expect(ledger.counts.jobs).toBe(0);
  });

  test('prefers, for a simple job, a scheduler that will tell how it ends', () => {
    const ledger = new JobLedger(BOUNDS, 'x');
    ledger.join('simple', terms(0, 0, true));
    ledger.join('full', terms(1));
    expect(ledger.request(simple)).toMatchObject([{ effect: 'offer', scheduler: 'full' }]);
    expect(ledger.request(simple)).toMatchObject([{ effect: 'hand-over', scheduler: 'simple' }]);
  });
});
