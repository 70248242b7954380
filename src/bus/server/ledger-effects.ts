/** The effects of the ledger, as data: the switchboard carries them out in order. */
import type { Feedback } from '../protocol/messages.js';
import type { KeptPayload } from './kept-payload.js';

/** @internal */
export type LedgerEffect =
  /** Offers a job to a scheduler. */
  | {
      readonly effect: 'offer';
      readonly scheduler: string;
      readonly job: string;
      readonly attempt: number;
      readonly payload: KeptPayload;
    }
  /** Gives a job to a scheduler of the simple protocol, which reports nothing. */
  | { readonly effect: 'hand-over'; readonly scheduler: string; readonly payload: KeptPayload }
  /** Tells a scheduler that an attempt is not its own, or no longer. */
  | { readonly effect: 'withdraw'; readonly scheduler: string; readonly job: string; readonly attempt: number }
  /** Sends feedback to a producer. */
  | { readonly effect: 'feedback'; readonly producer: string; readonly feedback: Feedback }
  /** Sets the deadline of a job, in place of one that it has: `ledger.overdue(job)` is to be called after `afterMs`. */
  | { readonly effect: 'set-deadline'; readonly job: string; readonly afterMs: number }
  | { readonly effect: 'clear-deadline'; readonly job: string }
  /** A scheduler violated the protocol and is disconnected. */
  | { readonly effect: 'refuse'; readonly scheduler: string; readonly fault: string };
