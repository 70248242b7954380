/** Chance that a seed determines: the same numbers in every run and on every machine. */

/** @internal */
export interface Chance {
  /** From 0 to less than 1. */
  readonly next: () => number;
  /** A whole number from 0 to less than `count`. */
  readonly below: (count: number) => number;
  /** True with that probability. */
  readonly hits: (share: number | undefined) => boolean;
}

/** A stream of numbers of its own for each `name`. The mixing function is the finaliser of MurmurHash3 (Austin Appleby) over a Weyl sequence. @internal */
export function chance(seed: number, name = ''): Chance {
  let state = seed | 0;
  for (const letter of name) state = mix(state ^ (letter.codePointAt(0) ?? 0));
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return (mix(state) >>> 0) / 0x1_0000_0000;
  };
  return {
    next,
    below: (count) => Math.floor(next() * count),
    hits: (share) => share !== undefined && share > 0 && next() < share,
  };
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
