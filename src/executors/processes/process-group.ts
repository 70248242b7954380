/**
 * A process and the processes it starts, as long as they stay together: on POSIX the process group that a detached process
 * leads. It is ended by SIGTERM first, and by SIGKILL when its grace has passed. Windows has neither groups nor SIGTERM: there the
 * tree below the process is killed at once.
 *
 * Invariant: a signal is sent only while the group is recorded as living, so it never hits another group with the same number.
 */
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { unwatchGroup, watchGroup } from './group-watcher.js';
import { groupExists, isGroupOfZombies } from './group-members.js';
import { forgetGroup, noteGroup } from './living-groups.js';

/**
 * Whether processes can be started as leaders of groups of their own.
 *
 * @internal
 */
export const HAS_GROUPS = process.platform !== 'win32';

// The end of a grandchild is not reported; during the grace, it is checked for this often.
const LOOK_MS = 10;

// Zombies are checked for less often, since that looks at all processes of the system.
const LOOKS_PER_CLOSE_LOOK = 10;

/**
 * The group of one process. Must be created before the process is started, so that no signal comes in between.
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

  /** The process has been started; `pid` is undefined if it could not be. */
  ledBy(pid: number | undefined): void {
    this.#pid = pid;
    if (HAS_GROUPS && pid !== undefined) watchGroup(pid);
  }

  /** Sends SIGTERM, and kills the group after `graceMs`; with 0 at once, even after an earlier call. */
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

  /** Kills all processes of the group. */
  kill(): void {
    if (this.#isOver || this.#isKilled) return;
    this.#isKilled = true;
    clearTimeout(this.#timer);
    this.#send('SIGKILL');
    this.#onKill();
  }

  /** Must be called when the leader has ended: ends the rest of the group, and resolves when that is done. */
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
    if (this.#pid !== undefined) unwatchGroup(this.#pid);
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
      // The group has ended by itself.
    }
  }
}
