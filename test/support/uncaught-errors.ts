/** What is thrown outside of every call. */
import { onTestFinished } from 'vitest';

/** Collects what is thrown outside of every call, in place of the test runner, until the test is over. */
export function uncaughtErrors(): unknown[] {
  const errors: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  });
  return errors;
}
