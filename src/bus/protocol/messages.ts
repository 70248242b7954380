/**
 * What peers may say to the bus, and what it says to them. Owns the schemas of both directions: bus and clients check with these
 * whatever they receive, so that nothing of an unknown shape goes further. Version 1 is the simple protocol: a register message
 * without a version, job requests without an answer, and bare payloads.
 */
import * as v from 'valibot';
import { MAX_TASKS, offeredPayload, simplePayload, taskName, taskPayload, timedPayload } from './payload.js';

const count = v.pipe(
  v.number('must be a number'),
  v.integer('must be an integer'),
  v.minValue(0, 'must not be negative'),
);
const name = v.pipe(v.string('must be a string'), v.maxLength(128, 'must have at most 128 characters'));
const attempt = v.pipe(count, v.minValue(1, 'must be at least 1'));
const token = v.optional(v.string('must be a string'));

const simpleRegistration = v.looseObject({
  cmd: v.literal('register'),
  type: v.picklist(['producer', 'scheduler']),
  version: v.optional(v.literal(1)),
  token,
});

const registration = v.variant('type', [
  v.strictObject({
    cmd: v.literal('register'),
    type: v.literal('producer'),
    version: v.literal(2),
    token,
    /** The session to go on with, and the last feedback seen of it. */
    session: v.optional(name),
    seen: v.optional(count, 0),
  }),
  v.strictObject({
    cmd: v.literal('register'),
    type: v.literal('scheduler'),
    version: v.literal(2),
    token,
    slots: count,
    /** How many jobs it takes beyond those that it can run at once. */
    backlog: v.optional(count, 0),
    /** The named tasks that it runs. */
    tasks: v.optional(v.pipe(v.array(taskName), v.maxLength(MAX_TASKS, `must be at most ${MAX_TASKS}`)), []),
    /** Whether it takes jobs that only say how long they take. */
    timed: v.optional(v.boolean(), true),
  }),
]);

/** @internal */
export type Registration = v.InferOutput<typeof simpleRegistration> | v.InferOutput<typeof registration>;

const simpleRequest = v.looseObject({ cmd: v.literal('job_request'), payload: simplePayload });

const producerMessages = v.variant('cmd', [
  v.strictObject({
    cmd: v.literal('job_request'),
    /** The producer's own name for the job; empty for none. */
    ref: v.optional(name, ''),
    payload: v.union([taskPayload, timedPayload]),
  }),
  v.strictObject({ cmd: v.literal('cancel'), job: name }),
]);

const remoteError = v.object({ name, message: v.pipe(v.string(), v.maxLength(4096)) });

/** Why a job failed. */
const failureReason = v.picklist(['error', 'timed-out', 'worker-crashed', 'cancelled', 'unknown-task', 'unsendable']);

const ofJob = { job: name, attempt };

const schedulerMessages = v.variant('cmd', [
  v.strictObject({ cmd: v.literal('accept'), ...ofJob }),
  v.strictObject({ cmd: v.literal('decline'), ...ofJob }),
  v.strictObject({ cmd: v.literal('started'), ...ofJob }),
  v.strictObject({ cmd: v.literal('partial'), ...ofJob, index: count, value: v.optional(v.unknown()) }),
  v.strictObject({ cmd: v.literal('done'), ...ofJob, partials: count, value: v.optional(v.unknown()) }),
  v.strictObject({ cmd: v.literal('failed'), ...ofJob, reason: failureReason, error: remoteError }),
  v.strictObject({ cmd: v.literal('evicted'), ...ofJob, final: v.boolean() }),
  v.strictObject({ cmd: v.literal('capacity'), slots: count, backlog: count }),
]);

/** @internal */
export type SchedulerMessage = v.InferOutput<typeof schedulerMessages>;

/** What a scheduler reports of one attempt at a job. @internal */
export type JobReport = Exclude<SchedulerMessage, { cmd: 'capacity' }>;

const registered = v.object({
  cmd: v.literal('registered'),
  version: v.literal(2),
  /** A scheduler's id, or a producer's session. */
  id: name,
  /** After how many milliseconds of silence the bus can be taken for lost. */
  silenceMs: v.pipe(v.number(), v.minValue(1)),
  /** How long a frame may be. */
  maxFrameBytes: count,
});

const refusal = v.object({ cmd: v.literal('error'), code: name, message: v.string() });

const toAny = v.variant('cmd', [registered, refusal]);

/** What the bus says to every client of version 2. @internal */
export type ToAny = v.InferOutput<typeof toAny>;

const ofFeedback = { cmd: v.literal('feedback'), seq: count, ref: name };
const ofAttempt = { ...ofFeedback, ...ofJob };

const feedbackFrame = v.variant('event', [
  v.object({ ...ofFeedback, event: v.literal('queued'), job: name }),
  v.object({ ...ofFeedback, event: v.literal('rejected'), reason: v.literal('full') }),
  v.object({ ...ofAttempt, event: v.literal('accepted'), scheduler: name }),
  v.object({ ...ofAttempt, event: v.literal('started') }),
  v.object({ ...ofAttempt, event: v.literal('partial'), index: count, value: v.optional(v.unknown()) }),
  v.object({ ...ofAttempt, event: v.literal('requeued'), reason: v.picklist(['scheduler-lost', 'handed-back']) }),
  v.object({ ...ofAttempt, event: v.literal('evicted'), final: v.boolean() }),
  v.object({ ...ofAttempt, event: v.literal('done'), partials: count, value: v.optional(v.unknown()) }),
  v.object({
    ...ofAttempt,
    event: v.literal('failed'),
    reason: v.picklist([...failureReason.options, 'scheduler-lost']),
    error: remoteError,
  }),
  v.object({ ...ofFeedback, event: v.literal('cancelled'), job: name }),
]);

/** What a producer hears of its jobs, as it is on the wire. @internal */
export type FeedbackFrame = v.InferOutput<typeof feedbackFrame>;

type Unframed<F> = F extends FeedbackFrame ? Readonly<Omit<F, 'cmd' | 'seq'>> : never;

/**
 * What a producer hears of a job, told apart by `event`. First `queued` or `rejected`; then, for each attempt, `accepted`,
 * `started`, any number of `partial`, and perhaps `evicted` or `requeued`, which lead to another start. Exactly one is final:
 * `rejected`, `done`, `failed`, `cancelled`, or `evicted` with `final: true`.
 *
 * @public
 */
export type Feedback = Unframed<FeedbackFrame>;

/** Whether a producer hears nothing more of the job. @internal */
export function isFinal(feedback: Feedback): boolean {
  switch (feedback.event) {
    case 'rejected':
    case 'done':
    case 'failed':
    case 'cancelled':
      return true;
    case 'evicted':
      return feedback.final;
    case 'queued':
    case 'accepted':
    case 'started':
    case 'partial':
    case 'requeued':
      return false;
    default:
      return feedback satisfies never;
  }
}

/** Whatever was missed has been said. Where some of it could no longer be, `open` are the producer's names of what has not ended. */
const synced = v.object({ cmd: v.literal('synced'), lost: count, open: v.array(name) });

const toProducer = v.union([synced, feedbackFrame]);

/** @internal */
export type ToProducer = v.InferOutput<typeof toProducer>;

const toScheduler = v.variant('cmd', [
  v.object({ cmd: v.literal('offer'), ...ofJob, payload: v.union([taskPayload, offeredPayload]) }),
  v.object({ cmd: v.literal('withdraw'), ...ofJob }),
  /** Of a bus that gives every job to everybody; nobody hears of it again. */
  v.object({ cmd: v.literal('broadcast'), payload: simplePayload }),
]);

/** @internal */
export type ToScheduler = v.InferOutput<typeof toScheduler>;

/** A message of the right shape, or what is wrong with it in one line that does not quote it. @internal */
export type Checked<T> = { readonly ok: true; readonly message: T } | { readonly ok: false; readonly fault: string };

const readVersionOne = checker(simpleRegistration);
const readVersionTwo = checker(registration);

/** The version says which of two schemas a registration has to fit, so that a fault is named in terms of that one. @internal */
export function readRegistration(value: unknown): Checked<Registration> {
  const isVersionTwo = typeof value === 'object' && value !== null && 'version' in value && value.version === 2;
  return isVersionTwo ? readVersionTwo(value) : readVersionOne(value);
}

/** @internal */
export const readSimpleRequest = checker(simpleRequest);
/** @internal */
export const readProducerMessage = checker(producerMessages);
/** @internal */
export const readSchedulerMessage = checker(schedulerMessages);
/** @internal */
export const readAsAny = checker(toAny);
/** @internal */
export const readAsProducer = checker(toProducer);
/** @internal */
export const readAsScheduler = checker(toScheduler);

function checker<S extends v.GenericSchema>(schema: S): (value: unknown) => Checked<v.InferOutput<S>> {
  return (value) => {
    const result = v.safeParse(schema, value);
    return result.success ? { ok: true, message: result.output } : { ok: false, fault: faultOf(result.issues) };
  };
}

/** The first fault that lies deepest: in a union, it is the one of the member that was meant. */
function faultOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const [first, ...others] = issues.flatMap((issue) => leavesOf(issue, ''));
  if (first === undefined) return 'is wrong';
  const { path, issue } = others.reduce((best, leaf) => (levels(leaf) > levels(best) ? leaf : best), first);
  if (path === '') return 'not a message of the protocol';
  const own = issue.message.startsWith('Invalid') ? 'is wrong' : issue.message;
  return `${path.slice(0, 80)} ${issue.received === 'undefined' ? 'is missing' : own}`;
}

interface Leaf {
  readonly path: string;
  readonly issue: v.BaseIssue<unknown>;
}

const levels = ({ path }: Leaf): number => path.split('.').length;

/** An issue of a union has those of its members inside, with paths from there on. */
function leavesOf(issue: v.BaseIssue<unknown>, above: string): Leaf[] {
  const path = [above, v.getDotPath(issue) ?? ''].filter((part) => part !== '').join('.');
  return issue.issues === undefined ? [{ path, issue }] : issue.issues.flatMap((inner) => leavesOf(inner, path));
}
