/** The way to a violation, as steps that can be told and drawn. */
import { type Delivery, settle } from './granularity.js';
import type { Message } from './messages.js';
import type { System } from './system.js';

/**
 * One step of a trace.
 *
 * @public
 */
export interface ExploredStep {
  /** Where the message comes from: a task or a queue by name, `scheduler`, or `outside`. */
  readonly from: string;
  /** Whom it reaches. */
  readonly to: string;
  /** What it says, in words. */
  readonly text: string;
  /** Whether it comes from outside: from a user, or from a function that runs. */
  readonly isInput: boolean;
}

/** The steps of a way, with every delivery on it. @internal */
export function storyOf(system: System, initial: Int32Array, way: readonly Delivery[]): readonly ExploredStep[] {
  if (system.bounds.granularity === 'micro') return way.map((delivery) => stepOf(system, delivery));
  const vector = Int32Array.from(initial);
  const steps: ExploredStep[] = [];
  for (const delivery of way) settle(system, vector, delivery, (each) => steps.push(stepOf(system, each)));
  return steps;
}

function stepOf(system: System, { process, message, isDelivered }: Delivery): ExploredStep {
  const content = system.messages.valueOf(message);
  return {
    from: isDelivered ? senderOf(system, process, content) : 'outside',
    to: nameOf(system, process),
    text: textOf(system, content),
    isInput: !isDelivered,
  };
}

function nameOf({ plan, firstQueue, scheduler }: System, process: number): string {
  if (process === scheduler) return 'scheduler';
  return process < firstQueue ? `task ${plan.tasks[process]?.id}` : `queue ${plan.queues[process - firstQueue]?.name}`;
}

function senderOf(system: System, process: number, message: Message): string {
  if (process !== system.scheduler) return 'scheduler';
  if (message.type === 'task') return nameOf(system, message.task);
  if ('ledger' in message) return nameOf(system, system.firstQueue + message.queue);
  return 'scheduler';
}

/** What the message says, as a clause after the name of its receiver, or of its sender where that is a task or a queue. */
function textOf({ plan }: System, message: Message): string {
  const idOf = (task: number): string => plan.tasks[task]?.id ?? '';
  switch (message.type) {
    case 'task':
      return newsText(message);
    case 'satisfied':
      return 'what you depend on has been delivered';
    case 'doomed':
      return 'what you depend on cannot be delivered any more';
    case 'followed':
      return 'the task that you follow is done';
    case 'granted':
    case 'granted late':
      return 'ledger' in message ? 'granted' : 'start';
    case 'refused':
      return 'refused';
    case 'room':
      return 'there is room';
    case 'offered':
      return `may ${idOf(message.task)} start?`;
    case 'returned':
      return `the slot of ${idOf(message.task)} comes back`;
    case 'submit':
      return `task ${idOf(message.task)} is submitted`;
    case 'pause':
    case 'resume':
      return 'queue' in message ? `${message.type} queue ${plan.queues[message.queue]?.name}` : message.type;
    case 'limits':
      return `${'queue' in message ? `queue ${plan.queues[message.queue]?.name} now has` : 'now'} ${message.slots} slots`;
    case 'late':
      return `attempt ${message.attempt}, which no longer counts, reports: ${message.report}`;
    case 'fails':
    case 'times out':
      return `the function ${message.type}${message.isRetried ? ', and is to be tried again' : ''}`;
    case 'begins':
    case 'cancel':
    case 'changed':
    case 'close':
    case 'done':
    case 'evicted':
    case 'executors close':
    case 'follows':
    case 'partial':
    case 'pause ends':
    case 'start':
    case 'started':
    case 'stop':
    case 'stopped':
    case 'terminate':
    case 'withdrawn':
      return TEXTS[message.type];
  }
}

const TEXTS = {
  cancel: 'cancel',
  begins: 'the function is called',
  withdrawn: 'the function is not called: the scheduler is stopped',
  partial: 'the function delivers a partial result',
  done: 'the function returns',
  follows: 'the function returns the handle of another task',
  evicted: 'the attempt is evicted',
  'pause ends': 'the pause before the next attempt is over',
  started: 'the scheduler runs',
  stopped: 'the scheduler is stopped',
  start: 'start',
  stop: 'stop',
  close: 'close',
  terminate: 'terminate',
  changed: 'something has changed',
  'executors close': 'the executors have closed',
} as const;

function newsText({ news, ended }: Extract<Message, { type: 'task' }>): string {
  const end = ended > 0 ? 'an attempt has ended' : undefined;
  const moved = news === undefined ? undefined : news === 'partial' ? 'a partial result' : `now ${news}`;
  return [moved, end].filter((part) => part !== undefined).join(', ');
}
