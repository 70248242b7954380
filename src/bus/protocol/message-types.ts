/** The messages that users' code sees parts of, written out as types; the schemas in messages.ts check them. */

interface OfJob {
  readonly job: string;
  readonly attempt: number;
}

interface RemoteError {
  readonly name: string;
  readonly message: string;
}

type FailureReason = 'error' | 'timed-out' | 'worker-crashed' | 'cancelled' | 'unknown-task' | 'unsendable';

type Report<Cmd extends string, More = unknown> = OfJob & { readonly cmd: Cmd } & More;

/** What `schedulerMessages` lets pass, written out: the library's declarations would be several times as long. @internal */
export type SchedulerMessage =
  | Report<'accept'>
  | Report<'decline'>
  | Report<'started'>
  | Report<'partial', { readonly index: number; readonly value?: unknown }>
  | Report<'done', { readonly partials: number; readonly value?: unknown }>
  | Report<'failed', { readonly reason: FailureReason; readonly error: RemoteError }>
  | Report<'evicted', { readonly final: boolean }>
  | { readonly cmd: 'capacity'; readonly slots: number; readonly backlog: number };

interface OfFeedback {
  readonly cmd: 'feedback';
  readonly seq: number;
  readonly ref: string;
}

type OfAttempt = OfFeedback & OfJob;

/** Feedback about a job, as sent to its producer: what `feedbackFrame` lets pass, written out. @internal */
export type FeedbackFrame =
  | (OfFeedback & { readonly event: 'queued'; readonly job: string; readonly schedulers: number })
  | (OfFeedback & { readonly event: 'rejected'; readonly reason: 'full' })
  | (OfAttempt & { readonly event: 'accepted'; readonly scheduler: string })
  | (OfAttempt & { readonly event: 'started' })
  | (OfAttempt & { readonly event: 'partial'; readonly index: number; readonly value?: unknown })
  | (OfAttempt & { readonly event: 'requeued'; readonly reason: 'scheduler-lost' | 'handed-back' | 'not-started' })
  | (OfAttempt & { readonly event: 'evicted'; readonly final: boolean })
  | (OfAttempt & { readonly event: 'done'; readonly partials: number; readonly value?: unknown })
  | (OfAttempt & {
      readonly event: 'failed';
      readonly reason: FailureReason | 'scheduler-lost';
      readonly error: RemoteError;
    })
  | (OfFeedback & { readonly event: 'cancelled'; readonly job: string })
  | (OfFeedback & { readonly event: 'handed-over'; readonly job: string; readonly scheduler: string });
