/**
 * A shared folder in memory, and participants whose every step waits until fast-check lets it go on: any order of the steps
 * of all participants can come up. A participant may vanish at any step, and the folder may answer with an error though it
 * has, or has not, done what it was asked for.
 */
import type * as fc from 'fast-check';
import { SchedulerError } from '../../src/index.js';
import type { Clock } from '../../src/core/ports.js';
import type { FolderPort } from '../../src/shared-folder/ports.js';

/** What the folder does with one request: all of it, nothing and an error, or all of it and an error nevertheless. */
export type Answer = 'done' | 'refused' | 'done but refused';

/** A participant that is stopped, as by a signal, until the others have taken so many steps; for ever: it has vanished. */
export interface Stop {
  /** After how many of its own steps. */
  readonly after: number;
  readonly steps: number;
}

/** What all participants of one run share. */
export class SimulatedWorld {
  readonly files = new Map<string, Uint8Array>();
  readonly #steps: fc.Scheduler;
  #answers: readonly Answer[];
  #nowMs = 0;
  #taken = 0;

  /** The folder gives `answers` one after the other, and does all that it is asked for afterwards. */
  constructor(steps: fc.Scheduler, answers: readonly Answer[]) {
    this.#steps = steps;
    this.#answers = answers;
  }

  /** The ports of one participant, which is stopped in the course of its life: once after each file that it creates. */
  participant(name: string, stops: readonly Stop[]): { readonly folder: FolderPort; readonly clock: Clock } {
    let [next, ...later] = stops;
    let own = 0;
    let stopsAt = next?.after;
    let stoppedUntil = 0;
    const planStop = (): void => {
      [next, ...later] = later;
      stopsAt = next === undefined ? undefined : own + next.after;
    };
    /** Resolves when it is this participant's turn; never when it has vanished. */
    const turn = async (label: string): Promise<void> => {
      own += 1;
      if (own === stopsAt && next !== undefined) stoppedUntil = this.#taken + next.steps;
      for (;;) {
        if (stoppedUntil === Number.POSITIVE_INFINITY) await new Promise(() => {});
        await this.#steps.schedule(Promise.resolve(), `${name} ${label}`);
        if (this.#taken >= stoppedUntil) break;
        // Where all are stopped, time goes on too.
        this.#taken += 0.1;
      }
      this.#taken += 1;
    };
    const request = async <T>(label: string, perform: () => T): Promise<T> => {
      await turn(label);
      const [answer = 'done', ...rest] = this.#answers;
      this.#answers = rest;
      if (answer === 'refused') throw refused();
      const result = perform();
      // The answer takes its time, too.
      await turn(`${label}: answer`);
      if (answer === 'done but refused') throw refused();
      return result;
    };
    return {
      folder: {
        create: (file, content) =>
          request(`creates ${file}`, () => {
            if (this.files.has(file)) return false;
            this.files.set(file, content);
            planStop();
            return true;
          }),
        read: (file) => request(`reads ${file}`, () => this.files.get(file)),
        overwrite: (file, content) => request(`writes ${file}`, () => void this.files.set(file, content)),
        remove: (file) => request(`removes ${file}`, () => void this.files.delete(file)),
      },
      clock: {
        now: () => this.#nowMs,
        after: (delayMs, callback) => {
          const dueMs = this.#nowMs + delayMs;
          let isOff = false;
          void turn(`waits until ${dueMs}`).then(() => {
            // Time passes for all; whose timer is due is heard of it when it is its turn.
            this.#nowMs = Math.max(this.#nowMs, dueMs);
            if (!isOff) callback();
          });
          return () => {
            isOff = true;
          };
        },
      },
    };
  }

  /** What happened to each task, in order, by the name of its log. */
  logs(): ReadonlyMap<string, readonly string[]> {
    const logs = new Map<string, string[]>();
    for (const [file, content] of this.files) {
      const [, task, slot] = /^task-(.+)\.(\d+)$/.exec(file) ?? [];
      if (task === undefined) continue;
      const log = logs.get(task) ?? [];
      const header = JSON.parse(new TextDecoder().decode(content).split('\n')[0] ?? '') as { readonly kind: string };
      log[Number(slot)] = header.kind;
      logs.set(task, log);
    }
    return logs;
  }
}

/** What a folder answers that cannot be used. */
export function refused(): SchedulerError {
  return new SchedulerError('FolderUnavailable', 'the shared folder cannot be used (EIO)');
}
