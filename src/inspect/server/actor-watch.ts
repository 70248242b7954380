/**
 * What is told of one actor while pages watch it: state, context, the messages it receives, why it does not run, and its neighbours.
 * Only the cell of that actor is observed; the others cost nothing.
 *
 * It keeps the task that it watches until that has settled, and of its messages the latest.
 */
import { forEachDependent, WHOLE } from '../../core/order/graph-node.js';
import { describe } from '../../core/user-value.js';
import type { ChartState } from '../../runtime/statecharts/chart.js';
import type { ActorMessage, Details, Neighbour, Watched } from '../protocol/messages.js';
import type { Recorder } from '../recorder/recorder.js';
import type { InspectOptions } from './inspect-options.js';
import { neighbourAt, neighbourOf } from './neighbours.js';
import { preview } from './preview.js';
import { type Subject, subjectOf } from './subjects.js';

const MOST_MESSAGES = 200;
const MOST_NEIGHBOURS = 100;

type Neighbours = Pick<Details, 'dependencies' | 'dependents' | 'dependencyCount' | 'dependentCount'>;

const NO_NEIGHBOURS: Neighbours = { dependencies: [], dependents: [], dependencyCount: 0, dependentCount: 0 };

/** @internal */
export class ActorWatch {
  /** Pages that watch. */
  watchers = 0;
  readonly #actor: Watched;
  readonly #recorder: Recorder;
  readonly #redact: InspectOptions['redact'];
  readonly #messages: ActorMessage[] = [];
  #leftOut = 0;
  /** By dependency, the partial result of it that the task needs. */
  readonly #results = new Map<number, number>();
  #subject: Subject;
  readonly #stop: () => void;
  /** As of the end of a task, which is let go of then. */
  #last: Pick<Details, 'active' | 'context' | 'why'> | undefined = undefined;
  #neighbours: { readonly of: number; readonly told: Neighbours } | undefined = undefined;
  #text: { readonly version: number; readonly text: string } | undefined = undefined;

  constructor(actor: Watched, recorder: Recorder, redact: InspectOptions['redact']) {
    this.#actor = actor;
    this.#recorder = recorder;
    this.#redact = redact;
    this.#subject = subjectOf(actor, recorder);
    for (const [position, { seq }] of (this.#subject.record?.dependencies ?? []).entries()) {
      const index = this.#subject.record?.dependencyIndices?.[position] ?? WHOLE;
      if (index !== WHOLE) this.#results.set(seq, index);
    }
    this.#stop = this.#subject.watch((type, isTaken, from) => this.#received(type, isTaken, from));
  }

  /** Observes no more. */
  stop(): void {
    this.#stop();
  }

  /** The message `details`, made anew if something has happened since it was made. */
  asText(): string {
    const { version } = this.#recorder;
    if (this.#text?.version !== version) this.#text = { version, text: JSON.stringify(this.#details()) };
    return this.#text.text;
  }

  #details(): Details {
    const { machine, id } = this.#subject;
    return {
      type: 'details',
      actor: this.#actor,
      id,
      machine,
      ...(this.#last ?? this.#present()),
      messages: this.#messages,
      leftOut: this.#leftOut,
      ...this.#neighboursNow(),
    };
  }

  #present(): Pick<Details, 'active' | 'context' | 'why'> {
    const { state, why } = this.#subject;
    return { active: pathsOf(state()), context: this.#context(), why: why() };
  }

  #context(): string {
    const { machine, id, context } = this.#subject;
    try {
      return preview(this.#redact === undefined ? context() : this.#redact(context(), { machine, id }));
    } catch (error) {
      return JSON.stringify(`not shown: redact threw ${describe(error)}`);
    }
  }

  #received(type: string, isTaken: boolean, from: string | undefined): void {
    const { id, state, record } = this.#subject;
    const text = pathsOf(state())
      .map((path) => path.split('.').at(-1))
      .join(' · ');
    this.#messages.push({ at: this.#recorder.now(), from, to: id, type, state: text, isTaken });
    if (this.#messages.length > MOST_MESSAGES) {
      this.#messages.shift();
      this.#leftOut += 1;
    }
    this.#text = undefined;
    if (record?.isSettled !== true) return;
    this.#neighboursNow();
    this.#last = this.#present();
    this.#subject = subjectOf(this.#actor, this.#recorder);
  }

  #neighboursNow(): Neighbours {
    if (this.#actor.kind !== 'task') return NO_NEIGHBOURS;
    const { rows } = this.#recorder.recording;
    // Tasks are told of their dependents only by new ones.
    const of = rows.count + rows.dropped;
    if (this.#neighbours?.of !== of) this.#neighbours = { of, told: this.#findNeighbours(this.#actor.task) };
    const { told } = this.#neighbours;
    const now = (neighbour: Neighbour): Neighbour => ({
      ...neighbour,
      state: neighbourOf(this.#recorder.recording, neighbour.task)?.state ?? neighbour.state,
    });
    return { ...told, dependencies: told.dependencies.map(now), dependents: told.dependents.map(now) };
  }

  #findNeighbours(task: number): Neighbours {
    const { recording } = this.#recorder;
    const needed = recording.dependenciesOf(task);
    const dependencies = [...needed.subarray(0, MOST_NEIGHBOURS)].flatMap((seq) => {
      const neighbour = neighbourOf(recording, seq);
      const index = this.#results.get(seq);
      if (neighbour === undefined) return [];
      return [index === undefined ? neighbour : { ...neighbour, index }];
    });
    return { dependencies, dependencyCount: needed.length, ...this.#dependents(task) };
  }

  #dependents(task: number): Pick<Details, 'dependents' | 'dependentCount'> {
    const { recording } = this.#recorder;
    const results = new Map<number, number>();
    const { record } = this.#subject;
    if (record !== undefined && !record.isSettled) {
      forEachDependent(record, ({ seq }, index) => {
        if (index !== WHOLE) results.set(seq, index);
      });
    }
    const places = recording.edges.dependentsOf(task);
    const dependents = places.slice(0, MOST_NEIGHBOURS).map((place) => {
      const neighbour = neighbourAt(recording, place);
      const index = results.get(neighbour.task);
      return index === undefined ? neighbour : { ...neighbour, index };
    });
    return { dependents, dependentCount: places.length };
  }
}

/** The active states as paths: `running`, `gate.open`. */
function pathsOf(value: ChartState['value']): string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([name, inner]) =>
    inner === undefined ? [name] : pathsOf(inner).map((path) => `${name}.${path}`),
  );
}
