/** A store in memory: for tests, and for runs that follow each other in one process. */
import { randomUUID } from 'node:crypto';
import { SchedulerError } from '../core/failures.js';
import type { DurationStats, KnownKind } from '../core/durations.js';
import type { Store, StoredRecord, StoreSession, StoreSetup } from '../core/store-port.js';
import type { Backing, Change, StoredValue } from './backing.js';
import { Session } from './session.js';

/**
 * A store that lives as long as the object: the next scheduler that is given it finds what earlier ones have kept. Results are copied, as
 * with a file.
 *
 * @public
 */
export function memoryStore(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly name = 'memory';
  readonly #backing = new MemoryBacking();
  #isOpen = false;

  _open(setup: StoreSetup): StoreSession {
    if (this.#isOpen) throw new SchedulerError('StoreInUse', 'the memory store is in use by another scheduler');
    this.#isOpen = true;
    return new Session(this.#backing, setup, () => {
      this.#isOpen = false;
    });
  }
}

interface Row {
  record: StoredRecord;
  readonly value: StoredValue | undefined;
}

interface Partials {
  readonly recipe: string;
  readonly values: StoredValue[];
}

/** What a memory store keeps. @internal */
export class MemoryBacking implements Backing {
  readonly id = randomUUID();
  readonly #rows = new Map<string, Row>();
  readonly #partials = new Map<string, Partials>();
  readonly #durations = new Map<string, DurationStats>();

  record(key: string): StoredRecord | undefined {
    return this.#rows.get(key)?.record;
  }

  value(key: string): StoredValue | undefined {
    return this.#rows.get(key)?.value;
  }

  partials(key: string, recipe: string): readonly StoredValue[] {
    const present = this.#partials.get(key);
    return present?.recipe === recipe ? present.values : [];
  }

  durations(): readonly KnownKind[] {
    return [...this.#durations];
  }

  write(changes: readonly Change[]): void {
    for (const change of changes) this.#apply(change);
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case 'put':
        this.#rows.set(change.record.key, { record: change.record, value: change.value });
        if (change.record.status !== 'running') this.#partials.delete(change.record.key);
        return;
      case 'relabel': {
        const row = this.#rows.get(change.record.key);
        if (row !== undefined) row.record = change.record;
        return;
      }
      case 'drop':
        this.#rows.delete(change.key);
        this.#partials.delete(change.key);
        return;
      case 'partial': {
        const { key, recipe, index, value } = change;
        let present = this.#partials.get(key);
        if (present?.recipe !== recipe) this.#partials.set(key, (present = { recipe, values: [] }));
        if (index === present.values.length) present.values.push(value);
        return;
      }
      case 'durations':
        this.#durations.set(...change.known);
        return;
    }
  }

  close(): void {}
}
