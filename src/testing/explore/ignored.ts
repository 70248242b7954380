/**
 * Events that mean nothing in some states, and are ignored there on purpose. Any other event that a state's table does not name is an
 * error.
 */
import type { StateValue } from 'xstate';

/** One declaration: the events of a machine that mean nothing in the states that contain `state`. @internal */
export interface Ignored {
  readonly machine: MachineName;
  /** The name of a state, of any region; every state when not given. */
  readonly state?: string;
  readonly events: readonly string[];
  readonly because: string;
}

/** @internal */
export type MachineName = 'task' | 'queue' | 'scheduler';

/** All of them. @internal */
export const IGNORED: readonly Ignored[] = [
  {
    machine: 'scheduler',
    events: ['start.requested', 'stop.requested', 'close.requested', 'terminate.requested'],
    because: 'A user may ask for what is so already, or can no longer be.',
  },
  {
    machine: 'scheduler',
    events: ['work.changed', 'selection.ended'],
    because: 'What the scheduler tells itself may be overtaken by a stop or a close.',
  },
  {
    machine: 'queue',
    events: ['scheduler.started', 'scheduler.stopped', 'pause.requested', 'resume.requested', 'close.requested'],
    because: 'A queue may be told what it knows: a stop after a stop, the close of a scheduler after its own.',
  },
];

/** Whether an event that the table of the state does not name is declared to mean nothing there. @internal */
export function isIgnored(machine: MachineName, value: StateValue, event: string): boolean {
  return IGNORED.some(
    (entry) =>
      entry.machine === machine &&
      entry.events.includes(event) &&
      (entry.state === undefined || JSON.stringify(value).includes(`"${entry.state}"`)),
  );
}
