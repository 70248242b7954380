/**
 * The state of the page, as signals. `recording` is changed in place: `tick` says that it has been, at most once a frame of the
 * screen.
 */
import { computed, signal } from '@preact/signals';
import type { Watched } from '../../../src/inspect/protocol/messages.js';
import { countsAt } from '../model/counts.js';
import { Recording } from '../model/recording.js';
import { runTimesAt } from '../model/run-times.js';

export const VIEWS = ['overview', 'timeline', 'graph', 'statechart', 'events'] as const;
export type View = (typeof VIEWS)[number];

/** `locked`: the inspector does not take this page (no key, or that of another start); `crowded`: it has as many pages as it takes. */
export type Link = 'connecting' | 'open' | 'lost' | 'locked' | 'crowded' | 'other version';

export const recording = new Recording();

/** Counts the changes of `recording` that the screen has been told of. */
export const tick = signal(0);
/** The recording, for what is rendered or computed from it: it is done again when the recording has changed. */
export function known(): Recording {
  void tick.value;
  return recording;
}

export const link = signal<Link>('connecting');
export const view = signal<View>('overview');

/** The moment that the whole page shows; null follows the present. */
export const moment = signal<number | null>(null);

/** What is selected, on whatever view. */
export const selected = signal<Watched | null>(null);
export const notice = signal('');

/** The newest time that is known. */
export const now = computed(() => {
  return Math.max(1, known().rows.now);
});

/** The time that is shown: the moment chosen, or the present. */
export const shownAt = computed(() => moment.value ?? now.value);

/** The counts at the moment that is shown. */
export const counts = computed(() => {
  return countsAt(known(), moment.value);
});

/** How long functions ran, and how fast tasks settle, at the moment that is shown. */
export const runTimes = computed(() => runTimesAt(known().rows, shownAt.value));

/** Whether commands are taken, and the page shows the present, to which they apply. */
export const canControl = computed(() => {
  return known().hello?.control === true && link.value === 'open' && moment.value === null;
});

export const selectedTask = computed(() => (selected.value?.kind === 'task' ? selected.value.task : undefined));

export function selectTask(task: number): void {
  if (selectedTask.value !== task) selected.value = { kind: 'task', task };
}
