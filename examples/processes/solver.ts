/** Finding roots, by a solver that is not to be trusted: what may run in a process of its own only. */

/** A cubic x³ + bx + c. */
export interface Cubic {
  readonly b: number;
  readonly c: number;
}

/**
 * A real root by Newton's method from 0. Like a native library of little care it ends its process where it divides by zero,
 * and goes on for ever where it runs in a circle.
 */
export function root({ b, c }: Cubic): number {
  let x = 0;
  for (;;) {
    const slope = 3 * x * x + b;
    if (slope === 0) process.exit(70);
    const next = x - (x * x * x + b * x + c) / slope;
    if (Math.abs(next - x) < 1e-12) return next;
    x = next;
  }
}

/** The same with all steps on the way, as partial results. */
export function* steps({ b, c }: Cubic): Generator<number> {
  for (let x = 0, last = Number.POSITIVE_INFINITY; Math.abs(x - last) >= 1e-12; ) {
    last = x;
    x -= (x * x * x + b * x + c) / (3 * x * x + b);
    yield x;
  }
}
