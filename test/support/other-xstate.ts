/** Another XState than the installed one, to see what is made of it by code that relies on what XState keeps to itself. */
import { vi } from 'vitest';
import type { AnyActorLogic } from 'xstate';
import type * as Xstate from 'xstate';

/** An actor with its private fields. */
export type Fields = Record<string, unknown> & {
  readonly mailbox: Record<string, unknown>;
  readonly _actorScope: Record<string, unknown>;
  readonly system: object;
};

/** Changes an actor that has just been made; `options` are those with which it was made. */
export type Change = (actor: Fields, options: { readonly parent?: unknown } | undefined) => void;

/** What `load` imports, with an XState all of whose actors `change` has changed. To be ended by `theInstalledXState`. */
export async function withActors<T>(load: () => Promise<T>, change: Change): Promise<T> {
  vi.resetModules();
  vi.doMock('xstate', async (original) => {
    const xstate = await original<typeof Xstate>();
    const changed = (logic: AnyActorLogic, options: object): unknown => {
      const actor = xstate.createActor(logic, options);
      change(actor as unknown as Fields, options);
      return actor;
    };
    return { ...xstate, createActor: changed };
  });
  return load();
}

/** What is imported from now on has the installed XState again. */
export function theInstalledXState(): void {
  vi.doUnmock('xstate');
  vi.resetModules();
}
