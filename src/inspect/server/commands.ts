/**
 * What a page may do to a scheduler: this closed list, and nothing else. No event of a page's reaches an actor.
 *
 * Invariant: without control nothing is done. Every command is answered, in words.
 */
import { describe } from '../../core/user-value.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { Engine } from '../../runtime/engine.js';
import { QueueControl } from '../../runtime/queues/queue-control.js';
import { resubmit } from '../../runtime/submission/resubmission.js';
import type { Command } from '../protocol/messages.js';
import type { Recorder } from '../recorder/recorder.js';

/** What was done, or why not. @internal */
export interface Answer {
  readonly ok: boolean;
  readonly message: string;
}

const done = (message: string): Answer => ({ ok: true, message });
const refused = (message: string): Answer => ({ ok: false, message });

/** @internal */
export class Commands {
  readonly #recorder: Recorder;
  readonly #isAllowed: boolean;

  constructor(recorder: Recorder, isAllowed: boolean) {
    this.#recorder = recorder;
    this.#isAllowed = isAllowed;
  }

  carryOut(command: Command): Answer {
    if (!this.#isAllowed)
      return refused('this inspector is read-only: call inspect with control: true (--inspect-control)');
    try {
      return this.#carryOut(command);
    } catch (error) {
      return refused(describe(error));
    }
  }

  #carryOut(command: Command): Answer {
    const { engine } = this.#recorder;
    switch (command.name) {
      case 'start':
        engine.lifecycle.start();
        return done('the scheduler was started');
      case 'stop':
        // Resolves when running attempts have ended, for which a page does not wait.
        void engine.lifecycle.stop();
        return done('the scheduler was stopped: nothing new starts; what runs goes on');
      case 'pause':
      case 'resume':
        return this.#onQueue(command.queue, command.name);
      case 'cancel':
        return this.#cancel(command.task);
      case 'retry':
        return this.#retry(command.task);
    }
  }

  #onQueue(index: number, act: 'pause' | 'resume'): Answer {
    const { engine, recording } = this.#recorder;
    const name = recording.books.queues[index]?.name;
    const state = engine.queues.find((queue) => queue.name === name);
    if (state === undefined) return refused(`queue ${name ?? index} is not there (any more)`);
    const queue = new QueueControl(engine, state);
    if (act === 'pause') queue.pause();
    else queue.resume();
    return done(`queue ${state.name} was ${act}d`);
  }

  #cancel(task: number): Answer {
    const { engine, recording } = this.#recorder;
    const record = unsettled(engine, task);
    const id = recording.idOf(task);
    if (record === undefined) return refused(`task ${id} has settled already`);
    engine.cancel(record, { reason: 'cancelled in the inspector' });
    return done(`task ${record.id} was cancelled`);
  }

  /** Ends the pause of a task between two attempts; submits the work of a failed one anew, as a new task. */
  #retry(task: number): Answer {
    const { engine, recording, works } = this.#recorder;
    const record = unsettled(engine, task);
    if (record !== undefined) {
      const { pause, id } = record;
      if (pause === undefined)
        return refused(`task ${id} is not between two attempts: ${engine.why(record, WHOLE).message}`);
      engine.deadlines.callOff(pause);
      pause.passed();
      return done(`the pause of task ${id} was ended`);
    }
    const id = recording.idOf(task);
    const work = works.get(task);
    if (work === undefined) return refused(`task ${id} has not failed, or is not among the latest failed tasks`);
    const again = resubmit(engine, work);
    works.delete(task);
    return done(`the work of task ${id} was submitted anew, as task ${again.id} (#${again.seq})`);
  }
}

function unsettled(engine: Engine, task: number) {
  return engine.unsettled.newestFirst().find(({ seq }) => seq === task);
}
