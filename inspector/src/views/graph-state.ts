/** Which of its pictures the graph shows; kept while other views are looked at. */
import { signal } from '@preact/signals';

export const GRAPH_KINDS = ['functions', 'around a task', 'all tasks'] as const;
export const graphKind = signal<(typeof GRAPH_KINDS)[number]>('functions');
