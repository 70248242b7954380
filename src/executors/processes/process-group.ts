/**
 * A process and all that it starts, as far as they stay together: on POSIX the process group that a detached process
 * leads. It is ended politely first (SIGTERM), by force (SIGKILL) when its time is over. Windows has neither groups nor
 * SIGTERM: there the tree below the process is ended by force at once.
 *
 * Invariant: a signal is sent only while the group is noted as living, so that no other that has got its number is hit.
 */
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { groupExists, isGroupOfZombies } from './group-members.js';
import { forgetGroup, noteGroup } from './living-groups.js';

/**
 * Whether processes can be started as leaders of groups of their own.
 *
 * @internal
 */
export const HAS_GROUPS = process.platform !== 'win32';

// Nobody tells of the end of a grandchild; while its time runs, this is how often it is looked for.
const LOOK_MS = 10;

// Zombies are looked for less often, since that takes a look at all processes there are.
const LOOKS_PER_CLOSE_LOOK = 10;

/**
 * The group of one process. To be made before the process is started, so that no signal comes in between.
 *
 * @internal
 */
export class ProcessGroup {
  #pid: number | undefined;
  readonly #onKill: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isEnding = false;
  #isKilled = false;
  #isOver = false;

  /** `onKill` is called when the group is killed. */
  constructor(onKill: () => void = () => {}) {
    this.#onKill = onKill;
    noteGroup(this);
  }

  /** The process has been started; undefined where it could not be. */
  ledBy(pid: number | undefined): void {
    this.#pid = pid;
  }

  /** Asks all to end, and kills them when they have not after `graceMs`; at once for 0, also when they have been asked before. */
  end(graceMs: number): void {
    if (this.#isOver || this.#isKilled) return;
    if (graceMs === 0) {
      this.kill();
    } else if (!this.#isEnding) {
      this.#isEnding = true;
      this.#send('SIGTERM');
      this.#timer = setTimeout(() => this.kill(), graceMs);
    }
  }

  /** Ends all, whatever they are doing. */
  kill(): void {
    if (this.#isOver || this.#isKilled) return;
    this.#isKilled = true;
    clearTimeout(this.#timer);
    this.#send('SIGKILL');
    this.#onKill();
  }

  /** To be called when the leader has ended: ends what it has left behind, and resolves when that is done. */
  async over(graceMs: number): Promise<void> {
    if (this.#isLeft()) {
      this.end(graceMs);
      for (let looks = 1; !this.#isKilled && this.#isLeft(looks % LOOKS_PER_CLOSE_LOOK === 0); looks += 1) {
        await wait(LOOK_MS);
      }
    }
    clearTimeout(this.#timer);
    this.#isOver = true;
    forgetGroup(this);
  }

  #isLeft(isCloseLook = false): boolean {
    if (!HAS_GROUPS || this.#pid === undefined || !groupExists(this.#pid)) return false;
    return !isCloseLook || !isGroupOfZombies(this.#pid);
  }

  #send(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) return;
    try {
      if (HAS_GROUPS) process.kill(-this.#pid, signal);
      else spawn('taskkill', ['/pid', String(this.#pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).unref();
    } catch {
      // It has ended by itself.
    }
  }
}
