/** The simplest actor logic, for trying out whether the installed XState is as this folder relies upon it to be. */
import type { EventObject, Snapshot } from 'xstate';

/** A snapshot of an actor that has taken so many steps. @internal */
export type ProbeSnapshot = Snapshot<unknown> & { readonly steps: number };

/** What a step is given besides the snapshot and the event. @internal */
export interface ProbeScope {
  readonly id: string;
  readonly defer: (effect: () => void) => void;
}

/** The snapshot before the first step. */
const FIRST: ProbeSnapshot = { status: 'active', output: undefined, error: undefined, steps: 0 };

/** Logic that takes its steps by `transition`. @internal */
export function probeLogic(
  transition: (snapshot: ProbeSnapshot, event: EventObject, scope: ProbeScope) => ProbeSnapshot,
) {
  return {
    transition,
    getInitialSnapshot: (): ProbeSnapshot => FIRST,
    getPersistedSnapshot: (snapshot: ProbeSnapshot) => snapshot,
  };
}

/** The next snapshot, which is final after an event of type `end`. @internal */
export function next(snapshot: ProbeSnapshot, { type }: EventObject): ProbeSnapshot {
  const steps = snapshot.steps + 1;
  if (type === 'end') return { status: 'done', output: undefined, error: undefined, steps };
  return { status: 'active', output: undefined, error: undefined, steps };
}
