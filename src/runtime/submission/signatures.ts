/**
 * Which signature of a function a submission uses, as the compiler resolves a call: the first whose parameters take the arguments.
 *
 * TypeScript infers from the last signature of an overloaded function only. A pattern of several signatures makes it infer from
 * each of them: those of the function are matched from the last, and its first one again where the pattern has more.
 */
import type { TaskFunction } from '../../core/ports.js';
import type { Args } from './submit-options.js';

/** The last six signatures of `F`, in their order; the first is repeated where there are fewer. A type parameter becomes its constraint. */
type Signatures<F> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
}
  ? [[A1, R1], [A2, R2], [A3, R3], [A4, R4], [A5, R5], [A6, R6]]
  : never;

/** The return type, in a tuple, of the first of `S` that takes `G`; never if none does. */
type FirstFitting<S, G> = S extends [[infer A extends readonly unknown[], infer R], ...infer More]
  ? G extends Args<A>
    ? [R]
    : FirstFitting<More, G>
  : never;

/** The same for a function, at once for one that its last signature describes, which nearly every function is. */
type Resolved<F extends TaskFunction, G> = ((...args: Parameters<F>) => ReturnType<F>) extends F
  ? FirstFitting<[[Parameters<F>, ReturnType<F>]], G>
  : FirstFitting<Signatures<F>, G>;

/**
 * `unknown` (no restriction) if `G` can be the arguments of `F`, in number and types; else `never`. It lets a function without
 * annotations infer its parameters' types from the arguments, and still refuses an argument too many.
 *
 * @public
 */
export type Fitting<F extends TaskFunction, G> = [Resolved<F, G>] extends [never] ? never : unknown;

/**
 * What `F` returns for the arguments `G`: the return type of its first signature that takes them. Of more than six signatures the
 * last six are seen.
 *
 * @public
 */
export type Returned<F extends TaskFunction, G> = Resolved<F, G> extends [infer R] ? R : never;
