/**
 * What the benchmark runs on worker threads. JavaScript, so that a worker needs no loader, whoever starts it.
 */

/**
 * A fixed amount of work for a processor: the same for everybody, however long it takes.
 *
 * @internal
 * @param {number} iterations
 */
export function work(iterations) {
  let sum = 0;
  for (let n = 1; n <= iterations; n += 1) sum += Math.sqrt(n) % 1;
  return sum;
}

/**
 * Returns what it is given.
 *
 * @internal
 * @param {number} value
 */
export function nothing(value) {
  return value;
}

/**
 * 0, 1, 2, … as 64-bit floats.
 *
 * @internal
 * @param {number} length
 */
export function ramp(length) {
  return Float64Array.from({ length }, (_, index) => index);
}

/**
 * Adds 1 to the first element, in place: what is shared is changed for all, what is copied for the next.
 *
 * @internal
 * @param {Float64Array} values
 */
export function step(values) {
  values[0] = (values[0] ?? 0) + 1;
  return values;
}

/**
 * One element.
 *
 * @internal
 * @param {Float64Array} values
 * @param {number} index
 */
export function pick(values, index) {
  return values[index];
}
