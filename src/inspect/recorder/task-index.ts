/**
 * Finds the latest row of a task by its number: pages of a table, each released when none of its tasks is known any more.
 *
 * A task beyond the bound of rows has no row; its state, and its pair of queue and function, stand in the table instead, so that the totals
 * stay exact.
 */

const PAGE_BITS = 12;
const PAGE_TASKS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_TASKS - 1;
const ROWLESS = 0x8000_0000;
const USE_SHIFT = 8;
const LOW_BYTE = 0xff;

interface Page {
  readonly entries: Uint32Array;
  known: number;
}

/** What is known of a task: nothing (0), its row, or that it has none. @internal */
export type TaskEntry = number;

/** The entry of a task whose latest row is at `place`. @internal */
export const entryOfRow = (place: number): TaskEntry => place + 1;

/** The place of the task's latest row; -1 for a task without one. @internal */
export const placeOf = (entry: TaskEntry): number => (entry === 0 || entry >= ROWLESS ? -1 : entry - 1);

/** The entry of a task without a row. @internal */
export const rowlessEntry = (use: number, state: number): TaskEntry => (ROWLESS | (use << USE_SHIFT) | state) >>> 0;

/** @internal */
export const isRowless = (entry: TaskEntry): boolean => entry >= ROWLESS;

/** @internal */
export const stateOfEntry = (entry: TaskEntry): number => entry & LOW_BYTE;

/** @internal */
export const useOfEntry = (entry: TaskEntry): number => (entry >>> USE_SHIFT) & 0xffff;

/** The table. O(1) each; memory O(pages with known tasks), and a pointer for each page that there was. @internal */
export class TaskIndex {
  readonly #pages: (Page | undefined)[] = [];

  get(task: number): TaskEntry {
    return this.#pages[task >>> PAGE_BITS]?.entries[task & PAGE_MASK] ?? 0;
  }

  /** 0 forgets the task. */
  set(task: number, entry: TaskEntry): void {
    const number = task >>> PAGE_BITS;
    let page = this.#pages[number];
    if (page === undefined) {
      if (entry === 0) return;
      page = { entries: new Uint32Array(PAGE_TASKS), known: 0 };
      // Without holes, which would make a dictionary of the list.
      while (this.#pages.length < number) this.#pages.push(undefined);
      this.#pages[number] = page;
    }
    const index = task & PAGE_MASK;
    const isKnown = page.entries[index] !== 0;
    page.entries[index] = entry;
    if (isKnown === (entry !== 0)) return;
    page.known += isKnown ? -1 : 1;
    if (page.known === 0) this.#pages[number] = undefined;
  }
}
