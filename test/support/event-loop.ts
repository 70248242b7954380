/** Turns of the event loop, for tests that must see that nothing more happens, or that others get their turn. */

/** Resolves when everything that microtasks and immediates have under way has happened. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Counts how often an immediate is called while `during` is pending. */
export async function immediatesDuring(during: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    if (isOver) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  await during;
  isOver = true;
  return turns;
}

/** Whether `promise` has settled by the time that nothing more happens by itself. */
export async function isKept(promise: Promise<unknown>): Promise<boolean> {
  let kept = false;
  const note = (): void => {
    kept = true;
  };
  promise.then(note, note);
  await quiet();
  return kept;
}
