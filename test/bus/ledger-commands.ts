/** The commands of the model-based test of the job ledger: joins, leaves, requests, reports and late reports in any order. */
import * as fc from 'fast-check';
import type { JobReport } from '../../src/bus/protocol/messages.js';
import { SIMPLE_KIND, TIMED_KIND } from '../../src/bus/protocol/payload.js';
import { type HeldAttempt, KINDS, type LedgerPlay } from './ledger-play.js';

/** There is nothing to be modelled: the play knows from the effects what must hold. */
type NoModel = Record<string, never>;
type Command = fc.Command<NoModel, LedgerPlay>;

const PROGRESS = ['started', 'partial', 'evicted', 'decline', 'done', 'failed', 'dropped'] as const;
type Progress = (typeof PROGRESS)[number] | 'accept';

const terms = fc.record({
  kinds: fc.subarray(KINDS, { minLength: 1 }).map((kinds) => new Set(kinds)),
  slots: fc.nat(3),
  backlog: fc.nat(2),
  isSimple: fc.constant(false),
});
const simpleTerms = fc.constant({ kinds: new Set([SIMPLE_KIND, TIMED_KIND]), slots: 0, backlog: 0, isSimple: true });

/** Sequences of at most `maxCommands` commands. */
export function ledgerCommands(maxCommands: number): fc.Arbitrary<Iterable<Command>> {
  const pick = fc.nat(30);
  const request = fc
    .record({
      kind: fc.constantFrom(...KINDS),
      producer: fc.constantFrom('p', 'q'),
      priority: fc.nat(3),
      ref: fc.constantFrom('', '', 'one', 'two', '__proto__'),
      timeoutMs: fc.constantFrom(undefined, 5),
    })
    .map((drawn) =>
      command(`request ${JSON.stringify(drawn)}`, (play) =>
        play.request(drawn.kind, drawn.producer, drawn.priority, drawn.ref, drawn.timeoutMs),
      ),
    );
  const join = fc
    .oneof({ weight: 4, arbitrary: terms }, { weight: 1, arbitrary: simpleTerms })
    .map((drawn) =>
      command(`join ${[...drawn.kinds].join()} ${drawn.slots} + ${drawn.backlog}`, (play) => play.join(drawn)),
    );
  const leave = pick.map((n) =>
    command(`leave ${n}`, (play) => onOne([...play.schedulers.keys()], n, (scheduler) => play.leave(scheduler))),
  );
  const capacity = fc.tuple(pick, fc.nat(3), fc.nat(2)).map(([n, slots, backlog]) =>
    command(`capacity ${n} ${slots} ${backlog}`, (play) =>
      onOne(
        [...play.schedulers].filter(([, { isSimple }]) => !isSimple),
        n,
        ([scheduler]) => play.setCapacity(scheduler, slots, backlog),
      ),
    ),
  );
  const cancel = fc
    .tuple(pick, fc.constantFrom('p', 'q'))
    .map(([n, producer]) =>
      command(`cancel ${n} of ${producer}`, (play) => onOne(play.open, n, (job) => play.cancel(producer, job))),
    );
  const abandon = fc
    .constantFrom('p', 'q')
    .map((producer) => command(`abandon ${producer}`, (play) => play.abandon(producer)));
  const overdue = pick.map((n) =>
    command(`overdue ${n}`, (play) => onOne([...play.deadlines], n, (job) => play.overdue(job))),
  );
  const report = fc
    .tuple(pick, fc.constantFrom(...PROGRESS))
    .map(([n, progress]) =>
      command(`report ${n} ${progress}`, (play) =>
        onOne([...play.held.values()], n, (held) =>
          play.report(held, reportOf(held.isAccepted ? progress : 'accept', held)),
        ),
      ),
    );
  const late = fc
    .tuple(pick, fc.constantFrom(...PROGRESS, 'accept' as const))
    .map(([n, progress]) =>
      command(`late report ${n} ${progress}`, (play) =>
        onOne(play.past, n, (past) => play.lateReport(past.scheduler, reportOf(progress, past))),
      ),
    );
  const foreign = fc
    .tuple(pick, fc.constantFrom(...PROGRESS))
    .map(([n, progress]) =>
      command(`foreign report ${n} ${progress}`, (play) =>
        onOne([...play.held.values()], n, (held) => play.lateReport('nobody', reportOf(progress, held))),
      ),
    );
  return fc.commands(
    [request, request, request, join, leave, capacity, cancel, abandon, overdue, report, report, report, late, foreign],
    {
      maxCommands,
      size: 'max',
    },
  );
}

function command(name: string, run: (play: LedgerPlay) => void): Command {
  return { check: () => true, run: (_, play) => run(play), toString: () => name };
}

function onOne<T>(among: readonly T[], n: number, act: (one: T) => void): void {
  const one = among[n % Math.max(1, among.length)];
  if (one !== undefined) act(one);
}

function reportOf(progress: Progress, { job, attempt }: HeldAttempt): JobReport {
  switch (progress) {
    case 'partial':
      return { cmd: 'partial', job, attempt, index: 0, value: 'p' };
    case 'evicted':
      return { cmd: 'evicted', job, attempt, final: false };
    case 'dropped':
      return { cmd: 'evicted', job, attempt, final: true };
    case 'done':
      return { cmd: 'done', job, attempt, partials: 0, value: 'v' };
    case 'failed':
      return { cmd: 'failed', job, attempt, reason: 'error', error: { name: 'Error', message: 'm' } };
    case 'accept':
    case 'started':
    case 'decline':
      return { cmd: progress, job, attempt };
    default:
      return progress satisfies never;
  }
}
