/**
 * The benchmark's graphs as plain data, without any library, function or clock. The same name and size give the same graph
 * on every machine; random edges come from a seeded generator.
 */

/**
 * A task graph in submission order. `dependencies[i]` are the indexes of the tasks that task i needs, each smaller than i.
 *
 * @internal
 */
export interface Graph {
  readonly name: string;
  readonly dependencies: readonly (readonly number[])[];
}

const NONE: readonly number[] = [];

/**
 * `side` matrices are acquired, each is inverted, then every inverse is multiplied with every matrix: side² products of
 * two dependencies each. A side of 100 gives 10,200 tasks.
 *
 * @internal
 */
export function matrix(side: number): Graph {
  const dependencies: (readonly number[])[] = Array.from({ length: side }, () => NONE);
  for (let acquired = 0; acquired < side; acquired += 1) dependencies.push([acquired]);
  for (let left = 0; left < side; left += 1) {
    for (let right = 0; right < side; right += 1) dependencies.push([side + left, right]);
  }
  return { name: 'matrix', dependencies };
}

/**
 * Each task needs the one before it.
 *
 * @internal
 */
export function chain(count: number): Graph {
  return {
    name: 'chain',
    dependencies: Array.from({ length: count }, (_, index) => (index === 0 ? NONE : [index - 1])),
  };
}

/**
 * Layers of 1,000 tasks, or of a tenth of `count` if that is less. Each task needs three different random tasks of the layer
 * before; tasks of the first layer need none.
 *
 * @internal
 */
export function layered(count: number, seed = 1): Graph {
  const width = Math.max(3, Math.min(1_000, Math.floor(count / 10)));
  const random = mulberry32(seed);
  const dependencies = Array.from({ length: count }, (_, index): readonly number[] => {
    const layer = Math.floor(index / width);
    if (layer === 0) return NONE;
    const picked = new Set<number>();
    while (picked.size < 3) picked.add((layer - 1) * width + Math.floor(random() * width));
    return [...picked];
  });
  return { name: 'layered', dependencies };
}

/**
 * Tasks that need nothing.
 *
 * @internal
 */
export function wide(count: number): Graph {
  return { name: 'wide', dependencies: Array.from({ length: count }, () => NONE) };
}

/** Tommy Ettinger's generator, public domain: 32 bits of state, uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
