/** When a batch ends early, in the words of GNU parallel's `--halt`. */

/** @internal */
export interface HaltRule {
  /** Whether what runs is ended, or may finish. */
  readonly when: 'now' | 'soon';
  readonly what: 'fail' | 'success' | 'done';
  /** How many must have ended so. */
  readonly count: number;
  /** As it was given. */
  readonly text: string;
}

const RULE = /^(now|soon),(fail|success|done)=(\d{1,9})$/;

/**
 * Undefined for `never`.
 *
 * @throws Error for text that is no rule.
 * @internal
 */
export function haltRule(text: string): HaltRule | undefined {
  if (text === 'never') return undefined;
  const [, when, what, count] = RULE.exec(text) ?? [];
  if (
    (when !== 'now' && when !== 'soon') ||
    (what !== 'fail' && what !== 'success' && what !== 'done') ||
    !Number(count)
  ) {
    throw new Error('It must be never, or now or soon, a comma, and fail=N, success=N or done=N: soon,fail=1.');
  }
  return { when, what, count: Number(count), text };
}

/** Whether the rule applies now that one more command has ended. @internal */
export function isHalted(
  rule: HaltRule,
  isDone: boolean,
  counts: { readonly done: number; readonly failed: number },
): boolean {
  switch (rule.what) {
    case 'fail':
      return !isDone && counts.failed >= rule.count;
    case 'success':
      return isDone && counts.done >= rule.count;
    case 'done':
      return counts.done + counts.failed >= rule.count;
    default:
      return rule.what satisfies never;
  }
}
