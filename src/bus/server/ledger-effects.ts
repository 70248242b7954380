/** What the ledger asks of the bus, as data: whoever drives it sends these on, in their order. */
import type { JobPayload } from '../protocol/payload.js';
import type { Feedback } from '../protocol/messages.js';

/** @internal */
export type LedgerEffect =
  /** Asks a scheduler to take the job. */
  | {
      readonly effect: 'offer';
      readonly scheduler: string;
      readonly job: string;
      readonly attempt: number;
      readonly payload: JobPayload;
    }
  /** Gives a job to a scheduler of the simple protocol, which never says anything of it. */
  | { readonly effect: 'hand-over'; readonly scheduler: string; readonly payload: JobPayload }
  /** Tells a scheduler that an attempt is not, or no longer, its own. */
  | { readonly effect: 'withdraw'; readonly scheduler: string; readonly job: string; readonly attempt: number }
  /** Tells a producer of its job. */
  | { readonly effect: 'feedback'; readonly producer: string; readonly feedback: Feedback }
  /** A scheduler said what it cannot say at this moment; it is of no use any more. */
  | { readonly effect: 'refuse'; readonly scheduler: string; readonly fault: string };
