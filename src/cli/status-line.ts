/**
 * One line at the bottom of a terminal that is redrawn in place. It makes way for everything else that this process prints, and is
 * drawn again below it.
 *
 * Invariants: what others print stands on lines of its own; the line is never drawn inside of an output that is held.
 */

/** A stream as far as it matters here. @internal */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write: (chunk: string | Uint8Array, ...more: never[]) => boolean;
}

const CLEAR = '\r\u001B[2K';
const NEWLINE = 0x0a;
const REDRAW_MS = 100;

/** The status line of this process, if there is one. */
const shown = new Set<StatusLine>();

/** Until `releaseStatus`, what is printed belongs together, and the status line stays away. @internal */
export function holdStatus(): void {
  for (const line of shown) line.hold();
}

/** @internal */
export function releaseStatus(): void {
  for (const line of shown) line.release();
}

/** The status line of this process; it exists from construction until `stop`. @internal */
export class StatusLine {
  readonly #screen: Screen;
  readonly #write: Screen['write'];
  readonly #text: (columns: number) => string;
  readonly #unhook: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #isShown = false;
  #isAtLineStart = true;
  #isOld = true;
  #held = 0;

  /**
   * @param screen - where the line is drawn, a terminal.
   * @param others - further streams that may be on the same terminal.
   * @param text - the line for a width, called when it is drawn.
   */
  constructor(screen: Screen, others: readonly Screen[], text: (columns: number) => string) {
    this.#screen = screen;
    this.#write = screen.write.bind(screen);
    this.#text = text;
    for (const each of [screen, ...others]) if (each.isTTY === true) this.#hook(each);
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref();
    shown.add(this);
  }

  /** The text has changed. */
  changed(): void {
    this.#isOld = true;
  }

  hold(): void {
    this.#held += 1;
  }

  release(): void {
    this.#held -= 1;
    if (this.#held > 0) return;
    if (!this.#isAtLineStart) this.#endLine();
    this.#draw();
  }

  /** Draws the line for the last time, and ends it. */
  stop(): void {
    clearInterval(this.#timer);
    this.#held = 0;
    if (!this.#isAtLineStart) this.#endLine();
    this.#isOld = true;
    this.#draw();
    this.#write('\n');
    for (const unhook of this.#unhook) unhook();
    shown.delete(this);
  }

  #hook(stream: Screen): void {
    const { write } = stream;
    const bound = write.bind(stream);
    stream.write = (chunk, ...more) => {
      this.#hide();
      const last = chunk.length === 0 ? undefined : chunk.at(-1);
      if (last !== undefined) this.#isAtLineStart = last === '\n' || last === NEWLINE;
      return bound(chunk, ...more);
    };
    this.#unhook.push(() => {
      stream.write = write;
    });
  }

  #hide(): void {
    if (this.#isShown) this.#write(CLEAR);
    this.#isShown = false;
  }

  #endLine(): void {
    this.#write('\n');
    this.#isAtLineStart = true;
  }

  #draw(): void {
    if (this.#held > 0 || !this.#isAtLineStart || (this.#isShown && !this.#isOld)) return;
    // In the last column some terminals begin the next line.
    this.#write(`${CLEAR}${this.#text((this.#screen.columns ?? 80) - 1)}`);
    this.#isShown = true;
    this.#isOld = false;
  }
}
