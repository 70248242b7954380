/**
 * The functions that the benchmark runs on worker threads. They are JavaScript, so that a worker needs no loader.
 */

/**
 * A fixed amount of processor work, the same for every contestant.
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
 * Returns its argument.
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
 * Adds 1 to the first element in place: in a shared array for all readers, in a copy for the next one.
 *
 * @internal
 * @param {Float64Array} values
 */
export function step(values) {
  values[0] = (values[0] ?? 0) + 1;
  return values;
}

/**
 * Returns one element.
 *
 * @internal
 * @param {Float64Array} values
 * @param {number} index
 */
export function pick(values, index) {
  return values[index];
}

/**
 * 0, 1, 2, …, one after the other.
 *
 * @internal
 * @param {number} count
 */
export function* numbers(count) {
  for (let index = 0; index < count; index += 1) yield index;
}
