/** Where records and values lie: what tells the two stores apart. */
import type { KnownKind } from '../core/durations.js';
import type { StoredRecord } from '../core/store-port.js';

/** A value as it is kept: its bytes, and the hash that they must have when they are read. @internal */
export interface StoredValue {
  readonly bytes: Uint8Array;
  readonly sum: string;
}

/** One change; changes are carried out in order. @internal */
export type Change =
  /** In place of what stood under the key, partial results included. */
  | { readonly kind: 'put'; readonly record: StoredRecord; readonly value: StoredValue | undefined }
  | { readonly kind: 'relabel'; readonly record: StoredRecord }
  /** The first of another recipe drops those before. */
  | {
      readonly kind: 'partial';
      readonly key: string;
      readonly recipe: string;
      readonly index: number;
      readonly value: StoredValue;
    }
  | { readonly kind: 'drop'; readonly key: string }
  | { readonly kind: 'durations'; readonly known: KnownKind };

/** @internal */
export interface Backing {
  /** Unique to the store, the same in every run. */
  readonly id: string;
  record(key: string): StoredRecord | undefined;
  value(key: string): StoredValue | undefined;
  /** In order, from the first on without a gap. */
  partials(key: string, recipe: string): readonly StoredValue[];
  durations(): readonly KnownKind[];
  /** All or nothing. @throws SchedulerError `StoreUnavailable`, `StoreCorrupt`. */
  write(changes: readonly Change[]): void;
  close(): void;
}
