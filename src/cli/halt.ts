/** When a batch ends early, in the words of GNU parallel's `--halt`. */

/** @internal */
export interface HaltRule {
  /** Whether what runs is ended, or may finish. */
  readonly when: 'now' | 'soon';
  readonly what: 'fail' | 'success' | 'done';
  /** How many must have ended so; or how many of a hundred, of all commands. */
  readonly count: number;
  readonly isPercentage: boolean;
  /** As it was given. */
  readonly text: string;
}

const RULE = /^(?<when>now|soon),(?<what>fail|success|done)=(?<count>\d{1,9}(?:\.\d{1,9})?)(?<percent>%?)$/;

/** What the rules of earlier versions mean. */
const EARLIER: Readonly<Record<string, string>> = { '0': 'never', '1': 'soon,fail=1', '2': 'now,fail=1' };

/** @throws Error for text that is no rule. @internal */
export function haltRule(text: string): HaltRule | 'never' {
  const rule = EARLIER[text] ?? (/^\d+%$/.test(text) ? `soon,fail=${text}` : text);
  if (rule === 'never') return rule;
  const { when, what, count, percent } = RULE.exec(rule)?.groups ?? {};
  const isPercentage = percent === '%';
  const number = Number(count);
  const isCount = isPercentage ? number <= 100 : Number.isSafeInteger(number);
  if ((when !== 'now' && when !== 'soon') || (what !== 'fail' && what !== 'success' && what !== 'done')) throw noRule();
  if (!(number > 0 && isCount)) throw noRule();
  return { when, what, count: number, isPercentage, text };
}

function noRule(): Error {
  return new Error(
    'It must be never, or now or soon, a comma, and fail=N, success=N or done=N, where N may be a percentage: soon,fail=1 or now,done=50%.',
  );
}

/** Applies a rule to the ends of commands. @internal */
export class Halt {
  readonly #rule: HaltRule | undefined;
  readonly #reached: (rule: HaltRule) => void;
  readonly #ends = { done: 0, failed: 0 };
  #by: string | undefined;

  /** `reached` is called once. */
  constructor(rule: HaltRule | undefined, reached: (rule: HaltRule) => void) {
    this.#rule = rule;
    this.#reached = reached;
  }

  /** A command has ended. While `total`, the number of all commands, is not known, no percentage is reached. */
  ended(id: string, state: 'done' | 'failed', total: number | undefined): void {
    this.#ends[state] += 1;
    const rule = this.#rule;
    if (rule === undefined || this.#by !== undefined) return;
    const { done, failed } = this.#ends;
    const counted = { fail: failed, success: done, done: done + failed }[rule.what];
    // One that ended otherwise reaches nothing, so that the exit code is that of the one that did.
    if ((rule.what === 'fail' && state === 'done') || (rule.what === 'success' && state === 'failed')) return;
    const needed = rule.isPercentage ? ((total ?? Number.POSITIVE_INFINITY) * rule.count) / 100 : rule.count;
    if (counted < needed) return;
    this.#by = id;
    this.#reached(rule);
  }

  /** The rule, if the end of that command has reached it. */
  reachedBy(id: string): HaltRule | undefined {
    return this.#by === id ? this.#rule : undefined;
  }
}
