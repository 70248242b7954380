/**
 * What the page knows of one recording: its rows and the newest of each message. `hello` begins it anew.
 *
 * Invariant: nothing here is derived; what the views show at a moment is computed from it (counts.ts, event-log.ts, use.ts).
 */
import { decodeFrame, INSPECT_VERSION } from '../../../src/inspect/protocol/frames.js';
import type {
  Details,
  FailureGroup,
  FunctionName,
  InspectorMessage,
  QueueName,
  Sample,
} from '../../../src/inspect/protocol/messages.js';
import { Rows } from './rows.js';

export type Hello = Extract<InspectorMessage, { type: 'hello' }>;
export type Totals = Extract<InspectorMessage, { type: 'totals' }>;
export type Vicinity = Extract<InspectorMessage, { type: 'vicinity' }>;
export type Missing = Omit<Extract<InspectorMessage, { type: 'missing' }>, 'type'>;
export interface Period {
  readonly at: number;
  readonly state: string;
}

/** Most samples that the page keeps; then every second one of the older half goes. */
const MAX_SAMPLES = 4000;

const TYPES: ReadonlySet<string> = new Set<InspectorMessage['type']>([
  'hello',
  'names',
  'ids',
  'totals',
  'samples',
  'periods',
  'failures',
  'stall',
  'missing',
  'details',
  'found',
  'vicinity',
  'answer',
]);

/** Reads a text message; undefined for what is none of this protocol. */
export function parseMessage(text: string): InspectorMessage | undefined {
  const value: unknown = JSON.parse(text);
  return isMessage(value) ? value : undefined;
}

function isMessage(value: unknown): value is InspectorMessage {
  return typeof value === 'object' && value !== null && 'type' in value && TYPES.has(String(value.type));
}

export class Recording {
  rows = new Rows();
  hello: Hello | undefined;
  queues: QueueName[] = [];
  functions: FunctionName[] = [];
  ids = new Map<number, string>();
  totals: Totals | undefined;
  samples: Sample[] = [];
  periods: Period[] = [];
  failures: readonly FailureGroup[] = [];
  otherCauses = 0;
  stall: { readonly message: string; readonly at: number } | undefined;
  missing: Missing = { rows: 0, partials: 0, ticks: 0 };
  details: Details | undefined;

  /** Takes a binary message; false for one that is no frame of this version. */
  receiveFrame(buffer: ArrayBuffer): boolean {
    const frame = decodeFrame(buffer);
    if (frame === undefined) return false;
    this.rows.apply(frame);
    return true;
  }

  /** Takes what belongs to the recording; answers to this page's questions are for whoever asked. */
  receive(message: InspectorMessage): void {
    switch (message.type) {
      case 'hello':
        this.#begin(message);
        return;
      case 'names':
        for (const queue of message.queues) this.queues[queue.index] = queue;
        for (const fn of message.functions) this.functions[fn.index] = fn;
        return;
      case 'ids':
        this.#pruneIds();
        for (const [task, id] of message.ids) this.ids.set(task, id);
        return;
      case 'totals':
        this.totals = message;
        this.rows.now = Math.max(this.rows.now, message.at);
        return;
      case 'samples':
        this.samples = thinned([...this.samples, ...message.samples]);
        return;
      case 'periods':
        this.periods = [...this.periods, ...message.periods];
        return;
      case 'failures':
        this.failures = message.groups;
        this.otherCauses = message.otherCauses;
        return;
      case 'stall':
        this.stall = message.message === undefined ? undefined : { message: message.message, at: message.at };
        return;
      case 'missing':
        this.missing = { rows: message.rows, partials: message.partials, ticks: message.ticks };
        return;
      case 'details':
        this.details = message;
        return;
      case 'found':
      case 'vicinity':
      case 'answer':
    }
  }

  get isOtherVersion(): boolean {
    return this.hello !== undefined && this.hello.version !== INSPECT_VERSION;
  }

  idOf(task: number): string {
    return this.ids.get(task) ?? `#${task}`;
  }

  functionName(fn: number): string {
    return this.functions[fn]?.name ?? `function ${fn}`;
  }

  queueName(queue: number): string {
    return this.queues[queue]?.name ?? `queue ${queue}`;
  }

  /** The state of the scheduler at a time; undefined before the first that is known. */
  schedulerStateAt(at: number): string | undefined {
    return this.periods.findLast((period) => period.at <= at)?.state;
  }

  /** Ids outlive the rows of their tasks for a while: they are looked through when there are twice as many as rows. */
  #pruneIds(): void {
    if (this.ids.size <= 2 * this.rows.count) return;
    for (const task of this.ids.keys()) if (this.rows.placeOf(task) === undefined) this.ids.delete(task);
  }

  #begin(hello: Hello): void {
    this.rows = new Rows();
    this.hello = hello;
    this.queues = [];
    this.functions = [];
    this.ids = new Map();
    this.totals = undefined;
    this.samples = [];
    this.periods = [];
    this.failures = [];
    this.otherCauses = 0;
    this.stall = undefined;
    this.missing = { rows: 0, partials: 0, ticks: 0 };
    this.details = undefined;
  }
}

function thinned(samples: Sample[]): Sample[] {
  if (samples.length <= MAX_SAMPLES) return samples;
  const half = samples.length >>> 1;
  return samples.filter((_, index) => index >= half || index % 2 === 0);
}
