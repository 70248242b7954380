/**
 * The attempts that one worker has been given and that have not ended, in the order in which they were given. It decides how
 * many more the worker may be given, and takes back those that have not begun.
 *
 * It sends nothing and reports nothing: that is the session's part.
 *
 * Invariants: the worker ends its attempts in this order, so only the first can have begun; the numbers of those that have not
 * begun lie within `CLAIM_WINDOW` of each other.
 */
import type { Attempt } from '../../core/ports.js';
import type { Assignment } from '../remote/intake.js';
import type { Order } from './messages.js';
import { claim, CLAIM_WINDOW, offer, type SessionCells } from './session-cells.js';

/**
 * An attempt that the worker has been given.
 *
 * @internal
 */
export interface Given {
  readonly assignment: Assignment;
  readonly seq: number;
  partials: number;
  aborted: { readonly reason: unknown } | undefined;
  grace: NodeJS.Timeout | undefined;
}

// Most attempts that a worker is given at a time. Each that it ends, after some were taken back from it, raises its limit by
// one: long attempts do not wait behind each other.
const MAX_GIVEN = 16;

// A worker with at most this many left is given more, several in one message where several wait.
const RUNNING_OUT = 1;

/**
 * The attempts of one session.
 *
 * @internal
 */
export class GivenAttempts {
  readonly #cells: SessionCells;
  readonly #given: Given[] = [];
  #lastSeq = 0;
  #limit = 2;

  constructor(cells: SessionCells) {
    this.#cells = cells;
  }

  get count(): number {
    return this.#given.length;
  }

  /** The one that the worker is running, or begins next. */
  get first(): Given | undefined {
    return this.#given[0];
  }

  /** The first that has certainly not begun. */
  get firstAhead(): Given | undefined {
    return this.#given[1];
  }

  get last(): Given | undefined {
    return this.#given.at(-1);
  }

  /** Whether the worker is about to have nothing to do. */
  get isRunningOut(): boolean {
    return this.#given.length <= RUNNING_OUT;
  }

  /** How many more may be given: none before the worker runs out of them. */
  get room(): number {
    if (!this.isRunningOut) return 0;
    const oldest = this.#given[0]?.seq ?? this.#lastSeq;
    return Math.min(this.#limit - this.#given.length, oldest + CLAIM_WINDOW - 1 - this.#lastSeq);
  }

  find(attempt: Attempt): Given | undefined {
    return this.#given.find(({ assignment }) => assignment.attempt === attempt);
  }

  /** Numbers the assignments and offers their claims to the worker. They are still to be sent. */
  add(assignments: readonly Assignment[]): readonly Given[] {
    const added: Given[] = [];
    for (const assignment of assignments) {
      const seq = ++this.#lastSeq;
      offer(this.#cells, seq);
      added.push({ assignment, seq, partials: 0, aborted: undefined, grace: undefined });
    }
    this.#given.push(...added);
    return added;
  }

  /** Takes out an attempt that has ended; false if it is not here. The worker has earned to be given one more at a time. */
  remove(given: Given): boolean {
    const index = this.#given.indexOf(given);
    if (index < 0) return false;
    this.#given.splice(index, 1);
    if (this.#limit < MAX_GIVEN) this.#limit++;
    return true;
  }

  /** Takes back, in order, what has not begun. The worker then has to earn again that it is given several. */
  takeBack(): Assignment[] {
    const kept: Given[] = [];
    const taken: Assignment[] = [];
    for (const given of this.#given) {
      if (claim(this.#cells, given.seq)) taken.push(given.assignment);
      else kept.push(given);
    }
    this.#given.length = 0;
    this.#given.push(...kept);
    this.#limit = 1;
    return taken;
  }

  /** Takes out everything. */
  clear(): Given[] {
    return this.#given.splice(0);
  }
}

/**
 * The attempt as the worker is told of it.
 *
 * @internal
 */
export function orderOf({ assignment, seq }: Given): Order {
  const { stream, isPaced = false, id, queue, attempt, args, trace } = assignment.attempt;
  const kind = stream ? (isPaced ? 'paced' : 'free') : 'none';
  const order = [seq, assignment.name, kind, id, queue, attempt, args] as const;
  return trace === undefined ? order : [...order, trace];
}
