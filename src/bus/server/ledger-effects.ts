/** The effects of the ledger, as data: the switchboard carries them out in order. */
import type { JobPayload } from '../protocol/payload.js';
import type { Feedback } from '../protocol/messages.js';

/** @internal */
export type LedgerEffect =
  /** Offers a job to a scheduler. */
  | {
      readonly effect: 'offer';
      readonly scheduler: string;
      readonly job: string;
      readonly attempt: number;
      readonly payload: JobPayload;
    }
  /** Gives a job to a scheduler of the simple protocol, which reports nothing. */
  | { readonly effect: 'hand-over'; readonly scheduler: string; readonly payload: JobPayload }
  /** Tells a scheduler that an attempt is not its own, or no longer. */
  | { readonly effect: 'withdraw'; readonly scheduler: string; readonly job: string; readonly attempt: number }
  /** Sends feedback to a producer. */
  | { readonly effect: 'feedback'; readonly producer: string; readonly feedback: Feedback }
  /** A scheduler violated the protocol and is disconnected. */
  | { readonly effect: 'refuse'; readonly scheduler: string; readonly fault: string };
