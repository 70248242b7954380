/** A promise that a test settles by hand: what a task waits for, so that the test says when it goes on. */
export class Gate<T = void> {
  readonly promise: Promise<T>;
  open: (value: T) => void;
  fail: (error: unknown) => void;

  constructor() {
    this.open = this.fail = (): never => {
      throw new Error('expected the executor of a promise to run at once');
    };
    this.promise = new Promise<T>((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
  }
}
