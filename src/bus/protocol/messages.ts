/**
 * The messages between peers and the bus. Owns the schemas of both directions: bus and clients validate everything they receive.
 * Version 1 is the simple protocol: a register message without a version, unanswered job requests, and bare payloads.
 */
import type { FeedbackFrame, SchedulerMessage } from './message-types.js';
import * as v from 'valibot';
import { MAX_BACKLOG, MAX_SLOTS } from './defaults.js';
import { jobTrace, MAX_TASKS, offeredPayload, simplePayload, taskName, taskPayload, timedPayload } from './payload.js';

const count = v.pipe(
  v.number('must be a number'),
  v.integer('must be an integer'),
  v.minValue(0, 'must not be negative'),
);
const slots = v.pipe(count, v.maxValue(MAX_SLOTS, `must be at most ${MAX_SLOTS}`));
const backlog = v.pipe(count, v.maxValue(MAX_BACKLOG, `must be at most ${MAX_BACKLOG}`));
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
    /** The session to resume, and the last feedback received in it. */
    session: v.optional(name),
    seen: v.optional(count, 0),
  }),
  v.strictObject({
    cmd: v.literal('register'),
    type: v.literal('scheduler'),
    version: v.literal(2),
    token,
    slots,
    /** How many jobs it accepts beyond its slots. */
    backlog: v.optional(backlog, 0),
    /** The named tasks that it can run. */
    tasks: v.optional(v.pipe(v.array(taskName), v.maxLength(MAX_TASKS, `must be at most ${MAX_TASKS}`)), []),
    /** Whether it accepts timed jobs. */
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
    trace: jobTrace,
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
  v.strictObject({ cmd: v.literal('capacity'), slots, backlog }),
]);

export type { FeedbackFrame, SchedulerMessage };

/** A scheduler's report of one attempt at a job. @internal */
export type JobReport = Exclude<SchedulerMessage, { cmd: 'capacity' }>;

/** Whether a scheduler that reports so has finished with the attempt. @internal */
export function isEnd(report: JobReport): boolean {
  switch (report.cmd) {
    case 'accept':
    case 'started':
    case 'partial':
      return false;
    case 'decline':
    case 'done':
    case 'failed':
      return true;
    case 'evicted':
      return report.final;
  }
}

const registered = v.object({
  cmd: v.literal('registered'),
  version: v.literal(2),
  /** A scheduler's id, or a producer's session. */
  id: name,
  /** After this many milliseconds of silence the bus counts as lost. */
  silenceMs: v.pipe(v.number(), v.minValue(1)),
  /** Maximum size of a frame. */
  maxFrameBytes: count,
  /** Whether a job may have a `trace`: an earlier release refuses it. */
  traces: v.optional(v.boolean(), false),
});

const refusal = v.object({ cmd: v.literal('error'), code: name, message: v.string() });

const toAny = v.variant('cmd', [registered, refusal]);

/** Messages for every client of version 2. @internal */
export type ToAny = v.InferOutput<typeof toAny>;

const ofFeedback = { cmd: v.literal('feedback'), seq: count, ref: name };
const ofAttempt = { ...ofFeedback, ...ofJob };

const feedbackFrame = v.variant('event', [
  /** `schedulers`: how many connected schedulers run such jobs. */
  v.object({ ...ofFeedback, event: v.literal('queued'), job: name, schedulers: count }),
  v.object({ ...ofFeedback, event: v.literal('rejected'), reason: v.literal('full') }),
  v.object({ ...ofAttempt, event: v.literal('accepted'), scheduler: name }),
  v.object({ ...ofAttempt, event: v.literal('started') }),
  v.object({ ...ofAttempt, event: v.literal('partial'), index: count, value: v.optional(v.unknown()) }),
  v.object({
    ...ofAttempt,
    event: v.literal('requeued'),
    reason: v.picklist(['scheduler-lost', 'handed-back', 'not-started']),
  }),
  v.object({ ...ofAttempt, event: v.literal('evicted'), final: v.boolean() }),
  v.object({ ...ofAttempt, event: v.literal('done'), partials: count, value: v.optional(v.unknown()) }),
  v.object({
    ...ofAttempt,
    event: v.literal('failed'),
    reason: v.picklist([...failureReason.options, 'scheduler-lost']),
    error: remoteError,
  }),
  v.object({ ...ofFeedback, event: v.literal('cancelled'), job: name }),
  /** A scheduler of the simple protocol has got the job and reports nothing of it. */
  v.object({ ...ofFeedback, event: v.literal('handed-over'), job: name, scheduler: name }),
]);

type Unframed<F> = F extends FeedbackFrame ? Readonly<Omit<F, 'cmd' | 'seq'>> : never;

/**
 * Feedback about a job, by `event`. The first is `queued` or `rejected`. Each attempt brings `accepted`, `started`, any number of
 * `partial`, and possibly `evicted` or `requeued`, after which the job starts again. Exactly one feedback is final: `rejected`,
 * `done`, `failed`, `cancelled`, `evicted` with `final: true`, or `handed-over`, after which nobody knows.
 *
 * @public
 */
export type Feedback = Unframed<FeedbackFrame>;

/** Whether this is the last feedback about the job. @internal */
export function isFinal(feedback: Feedback): boolean {
  switch (feedback.event) {
    case 'rejected':
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'handed-over':
      return true;
    case 'evicted':
      return feedback.final;
    case 'queued':
    case 'accepted':
    case 'started':
    case 'partial':
    case 'requeued':
      return false;
  }
}

/** All missed feedback has been sent. If some was lost, `open` holds the producer's names of its unsettled jobs. */
const synced = v.object({ cmd: v.literal('synced'), lost: count, open: v.array(name) });

const toProducer = v.union([synced, feedbackFrame]);

/** @internal */
export type ToProducer = v.InferOutput<typeof toProducer>;

const toScheduler = v.variant('cmd', [
  v.object({ cmd: v.literal('offer'), ...ofJob, payload: v.union([taskPayload, offeredPayload]), trace: jobTrace }),
  v.object({ cmd: v.literal('withdraw'), ...ofJob }),
  /** A job that the bus sends to every scheduler; it gets no feedback. */
  v.object({ cmd: v.literal('broadcast'), payload: simplePayload }),
]);

/** @internal */
export type ToScheduler = v.InferOutput<typeof toScheduler>;

/** A valid message, or its fault, in one line that does not quote the message. @internal */
export type Checked<T> = { readonly ok: true; readonly message: T } | { readonly ok: false; readonly fault: string };

const readVersionOne = checker(simpleRegistration);
const readVersionTwo = checker(registration);

/** Validates a registration by the schema of its version, so that the fault refers to that version. @internal */
export function readRegistration(value: unknown): Checked<Registration> {
  const isVersionTwo = typeof value === 'object' && value !== null && 'version' in value && value.version === 2;
  return isVersionTwo ? readVersionTwo(value) : readVersionOne(value);
}

/** What a scheduler of the simple protocol receives. @internal */
export const readSimplePayload = checker(simplePayload);
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

/** The first of the deepest faults: in a union, that is the fault of the intended member. */
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

/** The issues of a union's members are nested in the union's own issue, with relative paths. */
function leavesOf(issue: v.BaseIssue<unknown>, above: string): Leaf[] {
  const path = [above, v.getDotPath(issue) ?? ''].filter((part) => part !== '').join('.');
  return issue.issues === undefined ? [{ path, issue }] : issue.issues.flatMap((inner) => leavesOf(inner, path));
}
