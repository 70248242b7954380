/**
 * Answers what pages send: hello, watch, find, near, command. Owns who watches what.
 *
 * Invariant: an actor is observed while at least one page watches it, and no longer.
 */
import { INSPECT_VERSION } from '../protocol/frames.js';
import type { PageMessage, Watched } from '../protocol/messages.js';
import type { Recorder } from '../recorder/recorder.js';
import { ActorWatch } from './actor-watch.js';
import { Commands } from './commands.js';
import type { Feed } from './feed.js';
import type { CheckedOptions } from './inspect-options.js';
import type { PageClient } from './page-client.js';
import { readPageMessage } from './page-messages.js';
import { findTasks } from './task-search.js';
import { vicinityOf } from './vicinity.js';

/** Close code: the page is of another version. */
const OTHER_VERSION = 4000;
/** Close code: what the page has sent is no message of the protocol. */
const NO_MESSAGE = 4001;
/** Close code: the page does not read the answers to what it asks. */
const CHOKED = 4002;

/** @internal */
export class PageDesk {
  readonly #recorder: Recorder;
  readonly #feed: Feed;
  readonly #commands: Commands;
  readonly #redact: CheckedOptions['redact'];
  readonly #watches = new Map<string, ActorWatch>();
  readonly #watchedBy = new Map<PageClient, string>();

  constructor(recorder: Recorder, feed: Feed, { control, redact }: CheckedOptions) {
    this.#recorder = recorder;
    this.#feed = feed;
    this.#commands = new Commands(recorder, control);
    this.#redact = redact;
  }

  receive(client: PageClient, text: string): void {
    if (client.isChoked) {
      client.close(CHOKED, 'the answers are not read');
      return;
    }
    const message = readPageMessage(text);
    if (message === undefined) client.close(NO_MESSAGE, 'not a message of the protocol');
    else if (message.type === 'hello') this.#greet(client, message.version);
    else if (client.isGreeted) this.#answer(client, message);
    else client.close(NO_MESSAGE, 'hello comes first');
  }

  /** The page is gone. */
  left(client: PageClient): void {
    this.#watch(client, null);
  }

  #greet(client: PageClient, version: number): void {
    if (version === INSPECT_VERSION) this.#feed.greet(client);
    else client.close(OTHER_VERSION, `this inspector speaks version ${INSPECT_VERSION}: reload the page`);
  }

  #answer(client: PageClient, message: Exclude<PageMessage, { type: 'hello' }>): void {
    const { recording } = this.#recorder;
    switch (message.type) {
      case 'watch':
        this.#watch(client, message.actor);
        return;
      case 'find':
        client.send({ type: 'found', ask: message.ask, ...findTasks(recording, message) });
        return;
      case 'near':
        client.send({ type: 'vicinity', ask: message.ask, ...vicinityOf(recording, message.task, message) });
        return;
      case 'command':
        client.send({ type: 'answer', ask: message.ask, ...this.#commands.carryOut(message.command) });
        return;
    }
  }

  #watch(client: PageClient, actor: Watched | null): void {
    const before = this.#watchedBy.get(client);
    this.#watchedBy.delete(client);
    if (actor === null) client.watch(undefined);
    else {
      const key = JSON.stringify(actor);
      const watch = this.#watches.get(key) ?? new ActorWatch(actor, this.#recorder, this.#redact);
      this.#watches.set(key, watch);
      this.#watchedBy.set(client, key);
      watch.watchers += 1;
      client.watch(watch);
    }
    const watch = before === undefined ? undefined : this.#watches.get(before);
    if (before === undefined || watch === undefined) return;
    watch.watchers -= 1;
    if (watch.watchers > 0) return;
    watch.stop();
    this.#watches.delete(before);
  }
}
