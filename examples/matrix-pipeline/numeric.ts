/**
 * The computing of the matrix pipeline: plain exported functions that know nothing of tasks or threads. Matrices are
 * square and row-major; the order of a matrix is the square root of its length.
 */

/**
 * The inverse, by Gauss-Jordan elimination with partial pivoting.
 *
 * @throws RangeError when the matrix is singular to working precision.
 */
export function invert(matrix: Float64Array): Float64Array {
  const order = orderOf(matrix);
  const left = Float64Array.from(matrix);
  const right = identity(order);
  for (let column = 0; column < order; column += 1) {
    const pivotRow = largestInColumn(left, order, column);
    const pivot = left[pivotRow * order + column] ?? 0;
    if (Math.abs(pivot) < Number.EPSILON) throw new RangeError(`singular: no pivot in column ${column}`);
    for (const half of [left, right]) {
      swapRows(half, order, column, pivotRow);
      for (let k = column * order; k < (column + 1) * order; k += 1) half[k] = (half[k] ?? 0) / pivot;
    }
    for (let row = 0; row < order; row += 1) {
      const factor = left[row * order + column] ?? 0;
      if (row === column || factor === 0) continue;
      addRow(left, order, row, column, -factor);
      addRow(right, order, row, column, -factor);
    }
  }
  return right;
}

/** The product of two matrices of the same order. */
export function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const order = orderOf(a);
  if (b.length !== a.length) throw new RangeError(`orders differ: ${order} and ${orderOf(b)}`);
  const product = new Float64Array(a.length);
  // One column of b at a time lies in one piece of memory, and four rows of a take it in together: four independent sums
  // keep the processor busier than one. Rows beyond the last read as zeros, and what is written there is ignored.
  const columnOfB = new Float64Array(order);
  for (let column = 0; column < order; column += 1) {
    for (let k = 0; k < order; k += 1) columnOfB[k] = b[k * order + column] ?? 0;
    for (let first = 0; first < a.length; first += 4 * order) {
      const second = first + order;
      const third = second + order;
      const fourth = third + order;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      let sum4 = 0;
      for (let k = 0; k < order; k += 1) {
        const factor = columnOfB[k] ?? 0;
        sum1 += (a[first + k] ?? 0) * factor;
        sum2 += (a[second + k] ?? 0) * factor;
        sum3 += (a[third + k] ?? 0) * factor;
        sum4 += (a[fourth + k] ?? 0) * factor;
      }
      product[first + column] = sum1;
      product[second + column] = sum2;
      product[third + column] = sum3;
      product[fourth + column] = sum4;
    }
  }
  return product;
}

/**
 * How far `inverse · matrix` is from the identity: the Frobenius norm of the difference, divided by the square root of
 * the order. Of a matrix and its own inverse it is the residual of the inversion; of the inverse of one and another
 * matrix it says how unlike the two are.
 */
export function deviation(inverse: Float64Array, matrix: Float64Array): number {
  const order = orderOf(matrix);
  const product = multiply(inverse, matrix);
  let sum = 0;
  for (let row = 0; row < order; row += 1) {
    for (let column = 0; column < order; column += 1) {
      const difference = (product[row * order + column] ?? 0) - (row === column ? 1 : 0);
      sum += difference * difference;
    }
  }
  return Math.sqrt(sum / order);
}

/**
 * The autocovariances of a series as a symmetric Toeplitz matrix: element (i, j) is the covariance at lag |i - j|,
 * divided by the length of the series at every lag, which makes the matrix positive semidefinite. `noiseVariance`, that
 * of white measurement noise, is added along the diagonal and bounds the smallest eigenvalue from below. The matrix lies
 * in shared memory, so that it reaches threads without a copy.
 */
export function autocovarianceMatrix(series: Float64Array, order: number, noiseVariance: number): Float64Array {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const centred = series.map((value) => value - mean);
  const covariances = Float64Array.from({ length: order }, (_, lag) => {
    let sum = 0;
    for (let k = lag; k < centred.length; k += 1) sum += (centred[k] ?? 0) * (centred[k - lag] ?? 0);
    return sum / centred.length;
  });
  covariances[0] = (covariances[0] ?? 0) + noiseVariance;
  const matrix = new Float64Array(new SharedArrayBuffer(order * order * Float64Array.BYTES_PER_ELEMENT));
  for (let row = 0; row < order; row += 1) {
    for (let column = 0; column < order; column += 1) {
      matrix[row * order + column] = covariances[Math.abs(row - column)] ?? 0;
    }
  }
  return matrix;
}

function orderOf(matrix: Float64Array): number {
  const order = Math.sqrt(matrix.length);
  if (!Number.isInteger(order)) throw new RangeError(`not square: ${matrix.length} elements`);
  return order;
}

function identity(order: number): Float64Array {
  const matrix = new Float64Array(order * order);
  for (let k = 0; k < order; k += 1) matrix[k * order + k] = 1;
  return matrix;
}

function largestInColumn(matrix: Float64Array, order: number, column: number): number {
  let best = column;
  for (let row = column + 1; row < order; row += 1) {
    if (Math.abs(matrix[row * order + column] ?? 0) > Math.abs(matrix[best * order + column] ?? 0)) best = row;
  }
  return best;
}

function swapRows(matrix: Float64Array, order: number, a: number, b: number): void {
  if (a === b) return;
  const rowA = matrix.slice(a * order, (a + 1) * order);
  matrix.copyWithin(a * order, b * order, (b + 1) * order);
  matrix.set(rowA, b * order);
}

function addRow(matrix: Float64Array, order: number, target: number, source: number, factor: number): void {
  for (let k = 0; k < order; k += 1) {
    const place = target * order + k;
    matrix[place] = (matrix[place] ?? 0) + factor * (matrix[source * order + k] ?? 0);
  }
}
