/**
 * Real functions on the main thread that end in the same turn of microtasks or in others, while somebody cancels, stops, starts
 * and submits at any of these moments. Nothing may be lost or happen twice.
 */
import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { type Handle, Scheduler } from '../../src/index.js';
import { property } from '../support/property.js';

interface Plan {
  /** How many turns of microtasks the function takes; none for one that is not async. */
  readonly turns: number;
  readonly fails: boolean;
  /** Which of the tasks before it are its dependencies, counted back from it. */
  readonly needs: readonly number[];
}

interface Action {
  readonly kind: 'cancel' | 'stop' | 'start' | 'submit';
  readonly pick: number;
  /** How many turns after the action before. */
  readonly after: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  turns: fc.nat({ max: 4 }),
  fails: fc.nat({ max: 9 }).map((one) => one === 0),
  needs: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
});

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom('cancel', 'cancel', 'stop', 'start', 'submit'),
  pick: fc.nat({ max: 30 }),
  after: fc.nat({ max: 3 }),
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

/** A scheduler and what has been seen of its tasks. */
class Play {
  readonly scheduler = new Scheduler();
  readonly handles: Handle<number>[] = [];
  readonly begun = new Set<number>();
  readonly settled: string[] = [];
  readonly cancelled = new Set<number>();
  running = 0;
  mostRunning = 0;
  readonly #queue;

  constructor(slots: number) {
    this.#queue = this.scheduler.queue('q', { concurrency: slots });
    this.scheduler.on('settled', ({ id }) => this.settled.push(id));
  }

  submit({ turns: count, fails, needs }: Plan): void {
    const index = this.handles.length;
    const found = needs.flatMap((back) => this.handles[index - back] ?? []);
    const sum = (values: readonly number[]): number => {
      this.running -= 1;
      if (fails) throw new Error(`of ${index}`);
      return values.reduce((total, value) => total + value, 1);
    };
    const begin = (): void => {
      expect(this.begun.has(index)).toBe(false);
      this.begun.add(index);
      this.running += 1;
      this.mostRunning = Math.max(this.mostRunning, this.running);
    };
    const atOnce = (...values: number[]): number => {
      begin();
      return sum(values);
    };
    const later = async (...values: number[]): Promise<number> => {
      begin();
      await turns(count);
      return sum(values);
    };
    this.handles.push(
      count === 0
        ? this.#queue.submit({ id: `t${index}` }, atOnce, ...found)
        : this.#queue.submit({ id: `t${index}` }, later, ...found),
    );
  }

  async act({ kind, pick, after }: Action): Promise<void> {
    await turns(after);
    const at = this.handles.length === 0 ? 0 : pick % this.handles.length;
    if (kind === 'cancel' && this.handles[at]?.cancel('enough') === true) this.cancelled.add(at);
    if (kind === 'submit') this.submit({ turns: pick % 3, fails: false, needs: [1 + (pick % 4)] });
    if (kind === 'start') this.scheduler.start();
    if (kind === 'stop') void this.scheduler.stop();
  }
}

describe('functions that end in any turn', () => {
  property([
    fc.array(plan, { minLength: 1, maxLength: 20 }),
    fc.array(action, { maxLength: 20 }),
    fc.integer({ min: 1, max: 4 }),
  ])('settle once, with the right outcome, and every slot comes back', async (plans, actions, slots) => {
    const play = new Play(slots);
    for (const each of plans) play.submit(each);
    play.scheduler.start();
    for (const each of actions) await play.act(each);
    play.scheduler.start();
    await play.scheduler.wait().catch(() => undefined);
    const outcomes = await Promise.all(play.handles.map((handle) => handle.settled()));
    expect(play.settled).toHaveLength(play.handles.length);
    expect(new Set(play.settled)).toEqual(new Set(play.handles.map(({ id }) => id)));
    for (const [index, outcome] of outcomes.entries()) {
      // Whoever was told that the task could be cancelled finds that it was, and nobody else does.
      expect([index, outcome.status === 'cancelled']).toEqual([index, play.cancelled.has(index)]);
      if (outcome.status === 'done') expect(outcome.result).toBeGreaterThanOrEqual(1);
      const needed = plans[index]?.needs.flatMap((back) => outcomes[index - back] ?? []) ?? [];
      if (outcome.status === 'done') expect(needed.every(({ status }) => status === 'done')).toBe(true);
      if (outcome.status === 'done' && index < plans.length) {
        const values = needed.map((each) => (each.status === 'done' ? each.result : Number.NaN));
        expect(outcome.result).toBe(values.reduce((total, value) => total + value, 1));
      }
    }
    expect(play.mostRunning).toBeLessThanOrEqual(slots);
    await play.scheduler.close();
    expect(play.scheduler.queues.get('q')?.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
  });
});
