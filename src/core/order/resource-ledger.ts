/**
 * The slots and named resources of a queue, and how much of them is taken. A ledger is an immutable value, so that it can be
 * part of a queue's snapshot; every change returns a new one.
 *
 * Invariant: 0 ≤ taken for the slots and for every resource; nothing is taken beyond a capacity, though a capacity may be lowered
 * below what is taken; and with no slot taken nothing else is.
 */
import { elementAt } from '../element-at.js';
import { SchedulerError, shown } from '../failures.js';

/** The amounts a task takes besides its slot, in the order of the queue's resources; empty if it takes none. @internal */
export type Demand = readonly number[];

const NO_DEMAND: Demand = [];

/** Capacities of a queue, and the amounts taken. @internal */
export interface Ledger {
  readonly slots: number;
  readonly slotsTaken: number;
  /** Capacity of each resource, in the order in which the queue names them. */
  readonly capacity: readonly number[];
  /** The amount taken of each; empty while no resource is taken. */
  readonly taken: readonly number[];
}

/** Sums of fractions (0.1 + 0.2) may exceed a capacity by less than this share of it and still fit. */
const TOLERANCE = 1e-9;

/** The ledger of a queue with nothing taken. `slots` may be `Infinity`. @internal */
export function emptyLedger(slots: number, capacity: readonly number[]): Ledger {
  return { slots, slotsTaken: 0, capacity, taken: [] };
}

/** Whether a slot is free and `demand` fits what is left. @internal */
export function fits(ledger: Ledger, demand: Demand): boolean {
  return ledger.slotsTaken < ledger.slots && lacking(ledger, demand) < 0;
}

/** Index of the first resource with less left than `demand` asks for; −1 if there is enough of each. @internal */
export function lacking(ledger: Ledger, demand: Demand): number {
  for (let index = 0; index < demand.length; index += 1) {
    if (elementAt(demand, index) > left(ledger, index)) return index;
  }
  return -1;
}

/** The ledger with other capacities; what is taken stays taken. @internal */
export function withLimits(ledger: Ledger, slots: number, capacity: readonly number[]): Ledger {
  return { slots, slotsTaken: ledger.slotsTaken, capacity, taken: ledger.taken };
}

/** The largest demand for resource `index` that still fits; infinite for a resource that does not exist. @internal */
export function left(ledger: Ledger, index: number): number {
  const capacity = ledger.capacity[index];
  if (capacity === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, capacity * (1 + TOLERANCE) - (ledger.taken[index] ?? 0));
}

/** The ledger after a start: one slot and `demand` taken, which must fit. @internal */
export function take(ledger: Ledger, demand: Demand): Ledger {
  return {
    slots: ledger.slots,
    slotsTaken: ledger.slotsTaken + 1,
    capacity: ledger.capacity,
    taken:
      demand.length === 0 ? ledger.taken : ledger.capacity.map((_, i) => (ledger.taken[i] ?? 0) + (demand[i] ?? 0)),
  };
}

/** The ledger after an end: one slot and `demand` given back. @internal */
export function giveBack(ledger: Ledger, demand: Demand): Ledger {
  const slotsTaken = ledger.slotsTaken - 1;
  let taken = ledger.taken;
  if (slotsTaken === 0) taken = [];
  else if (demand.length > 0) taken = taken.map((amount, index) => Math.max(0, amount - (demand[index] ?? 0)));
  return { slots: ledger.slots, slotsTaken, capacity: ledger.capacity, taken };
}

/**
 * Checks a task's `resources` against those of its queue and puts them in the queue's order.
 *
 * @throws SchedulerError `UnknownResource`, `DemandOverCapacity` or `InvalidOption`, naming the resource.
 *
 * @internal
 */
export function demandOf(
  resources: Readonly<Record<string, number>> | undefined,
  queue: { readonly name: string; readonly resourceNames: readonly string[]; readonly capacity: readonly number[] },
): Demand {
  if (resources === undefined) return NO_DEMAND;
  if (typeof resources !== 'object' || resources === null) {
    throw new SchedulerError('InvalidOption', `resources must be an object of amounts, got ${shown(resources)}`);
  }
  const demand = new Array<number>(queue.resourceNames.length).fill(0);
  let asksForAny = false;
  for (const [name, amount] of Object.entries(resources)) {
    const index = queue.resourceNames.indexOf(name);
    if (index < 0) {
      const known = queue.resourceNames.length === 0 ? 'it has none' : `it has ${queue.resourceNames.join(', ')}`;
      throw new SchedulerError('UnknownResource', `queue ${queue.name} has no resource ${name}: ${known}`, {
        queue: queue.name,
      });
    }
    checkAmount(amount, `the demand for resource ${name}`);
    const capacity = elementAt(queue.capacity, index);
    if (amount > capacity) {
      throw new SchedulerError(
        'DemandOverCapacity',
        `a task demands ${amount} of ${name}, queue ${queue.name} has ${capacity}`,
        {
          queue: queue.name,
        },
      );
    }
    demand[index] = amount;
    asksForAny ||= amount > 0;
  }
  return asksForAny ? demand : NO_DEMAND;
}

/** @throws SchedulerError `InvalidOption` unless `amount` is a finite number of at least 0. @internal */
export function checkAmount(amount: unknown, what: string): asserts amount is number {
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) {
    throw new SchedulerError('InvalidOption', `${what} must be a finite number of at least 0, got ${shown(amount)}`);
  }
}
