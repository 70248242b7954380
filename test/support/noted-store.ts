/** A store in memory that notes what its scheduler hands over to it, and whose methods fail when they are told to. */
import type { Durability, Store, StoreSession, StoreSetup } from '../../src/core/store-port.js';
import { memoryStore } from '../../src/store/index.js';

/** The calls that change what is kept, each with what they name. */
const CHANGES = new Map<string, (...args: never[]) => string>([
  ['keep', ({ key, status }: { readonly key: string; readonly status: string }) => `keep ${key} ${status}`],
  ['relabel', ({ key }: { readonly key: string }) => `relabel ${key}`],
  ['keepPartial', (key: string, _recipe: string, index: number) => `keep ${key}#${index}`],
  ['drop', (key: string) => `drop ${key}`],
  ['commit', () => 'commit'],
]);

export class NotedStore implements Store {
  readonly name = 'noted';
  /** What has been kept, dropped and committed, in order. */
  readonly changes: string[] = [];
  /** What the values are called of which a fingerprint was asked for, in order. */
  readonly fingerprinted: string[] = [];
  /** By the name of a method: what a call of it throws, for as long as it stands here. */
  readonly failing = new Map<string, unknown>();
  durability: Durability | undefined = undefined;
  readonly #store = memoryStore();

  _open(setup: StoreSetup): StoreSession {
    this.durability = setup.durability;
    return new Proxy(this.#store._open(setup), {
      get: (session, name: keyof StoreSession) => {
        const member: unknown = session[name];
        if (typeof member !== 'function') return member;
        return (...args: never[]): unknown => {
          if (this.failing.has(name)) throw this.failing.get(name);
          const change = CHANGES.get(name);
          if (change !== undefined) this.changes.push(change(...args));
          if (name === 'fingerprintOf') this.fingerprinted.push(args[1] ?? '');
          return Reflect.apply(member, session, args);
        };
      },
    });
  }
}
